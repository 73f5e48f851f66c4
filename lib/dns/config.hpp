#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace warren::dns {

struct server {
  std::string address;  // an IP address, perhaps with a zone ("fe80::1%eth0")
  std::uint16_t port = 53;
  friend bool operator==(const server&, const server&) = default;
};

// Whom to ask, and how a name is completed.
struct config {
  std::vector<server> servers;      // asked in this order
  std::vector<std::string> search;  // domains to put behind a name
  std::size_t dots = 1;             // a name with fewer is completed before it is tried as it is
  // How long one server is waited for, by round.
  std::vector<base::duration> patience{std::chrono::seconds(1), std::chrono::seconds(2)};
};

// As in resolv.conf(5): at most three servers, without any the local one; the last `search` or
// `domain` counts; of the options only ndots. Total.
config parse_resolv_conf(std::string_view text);

// The same from a file, read at each call. Fails with the system's error.
base::result<config> read_resolv_conf(const std::string& path);

// The complete names that `name` may stand for, in the order in which they are to be tried. One
// that ends in a dot is complete already.
std::vector<std::string> names_to_try(std::string_view name, const config& c);

// The addresses that a file like /etc/hosts (hosts(5)) has for a name, in its order. Total.
std::vector<std::string> addresses_in_hosts(std::string_view text, std::string_view name);

}  // namespace warren::dns
