#pragma once

#include "async/awaitable.hpp"
#include "dns/config.hpp"
#include "dns/message.hpp"

#include <string>
#include <vector>

namespace warren::dns {

// What a look found. No records: the name does not exist, or it has no such records.
struct found {
  std::vector<record> records;     // of the type that was asked for, behind all CNAMEs
  std::vector<record> additional;  // what the server sent along, often the targets' addresses
};

// Asks the servers of `c` in turn, in as many rounds as `c` has patience, until one of them knows;
// by UDP, and by TCP for what was cut short. An answer counts only from the address that was asked,
// with the random id and the question of the query. Ends by `deadline`. A failure is always
// "could not look", with a dns::errc, and names the question and the server. `c` must outlive it;
// the server that answered goes to the front, so that a dead one costs its second but once.
async::awaitable<base::result<found>> look_up(config& c, question q, base::time_point deadline);

// The addresses of a complete name, of both families, IPv4 first. Empty: it has none.
async::awaitable<base::result<std::vector<std::string>>> look_up_addresses(
    config& c, std::string name, base::time_point deadline);

}  // namespace warren::dns
