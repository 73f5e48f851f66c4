#pragma once

#include "agent/domain/dns_peers.hpp"
#include "agent/tasks/found_peers.hpp"
#include "async/awaitable.hpp"
#include "dns/client.hpp"

#include <functional>
#include <string>

namespace warren::agent {

struct dns_watch_settings {
  std::string name;  // to be looked at; empty: that of the Service
  std::string service;
  std::string name_space;  // of the Service; empty: not known
  std::string port_name;   // whose SRV records are asked for first
  domain::name_rules rules;
  base::duration interval = std::chrono::seconds(5);
  base::duration limit = std::chrono::seconds(5);  // of one look
  // Read before each look, for the file may change.
  std::function<base::result<dns::config>()> config = [] {
    return dns::read_resolv_conf("/etc/resolv.conf");
  };
};

// Keeps the peers equal to what DNS has of a headless Service. Of the names that the search list
// makes, the first that has records is taken; a look in which one question got no answer found
// nothing out, whatever the others gave. Owner: the worker; must outlive run().
class dns_watch {
 public:
  dns_watch(found_peers& found, dns_watch_settings settings);

  // Ends only by cancellation.
  async::awaitable<void> run();

 private:
  async::awaitable<base::result<domain::dns_view>> look(base::time_point deadline);

  found_peers& found_;
  dns_watch_settings settings_;
};

}  // namespace warren::agent
