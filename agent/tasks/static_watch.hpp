#pragma once

#include "agent/log.hpp"
#include "agent/tasks/found_peers.hpp"
#include "async/awaitable.hpp"
#include "dns/client.hpp"

#include <functional>
#include <string>
#include <vector>

namespace warren::agent {

struct static_watch_settings {
  std::vector<std::string> nodes;  // node names
  base::duration interval = std::chrono::seconds(5);
  base::duration limit = std::chrono::seconds(5);  // of looking for one host's addresses
  std::string hosts_file = "/etc/hosts";
  // Read before each look, for the file may change.
  std::function<base::result<dns::config>()> config = [] {
    return dns::read_resolv_conf("/etc/resolv.conf");
  };
};

// The peers of a list, which are known at once and for ever; what is looked for is the addresses of
// their hosts, in the hosts file and then in DNS. A host that could not be looked for keeps its
// last addresses. Owner: the worker; must outlive run().
class static_watch {
 public:
  static_watch(found_peers& found, static_watch_settings settings);

  // Ends only by cancellation.
  async::awaitable<void> run();

 private:
  async::awaitable<void> find(std::size_t index, const std::string& hosts,
                              base::result<dns::config>& config);
  void take();

  found_peers& found_;
  static_watch_settings settings_;
  std::vector<domain::peer> peers_;
  told_once said_;
};

}  // namespace warren::agent
