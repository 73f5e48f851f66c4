#include "agent/tasks/dns_watch.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace warren::agent {
namespace {

using async::awaitable;
using domain::dns_host;
using domain::dns_view;

// The targets of all SRV records, each once (there is one for every port), with the addresses that
// came along.
std::vector<dns_host> hosts_of(const dns::found& seen) {
  std::vector<dns_host> hosts;
  for (const dns::record& r : seen.records) {
    const bool is_new = std::ranges::none_of(
        hosts, [&](const dns_host& h) { return dns::same_name(h.name, r.value); });
    if (is_new) hosts.push_back({r.value, {}});
  }
  for (const dns::record& r : seen.additional) {
    const bool is_address = r.type == dns::record_type::a || r.type == dns::record_type::aaaa;
    if (!is_address) continue;
    for (dns_host& host : hosts) {
      if (dns::same_name(host.name, r.owner)) host.addresses.push_back(r.value);
    }
  }
  return hosts;
}

// What one complete name has.
awaitable<base::result<dns_view>> look_at(dns::config& config, std::string name,
                                          const dns_watch_settings& settings,
                                          base::time_point deadline) {
  dns_view seen;
  seen.name = name;
  for (const std::string& owner : {"_" + settings.port_name + "._tcp." + name, name}) {
    dns::question srv{owner, dns::record_type::srv};
    const base::result<dns::found> got = co_await dns::look_up(config, std::move(srv), deadline);
    if (got.has_error()) co_return got.error();
    seen.hosts = hosts_of(*got);
    if (!seen.hosts.empty()) break;
  }
  // A server may leave out some of the addresses that it sends along; a node that is named by its
  // address must not get another name by that.
  const bool needs_all = settings.rules.from == domain::address_type::ip;
  for (dns_host& host : seen.hosts) {
    if (!host.addresses.empty() && !needs_all) continue;
    auto addresses = co_await dns::look_up_addresses(config, host.name, deadline);
    if (addresses.has_error()) co_return addresses.error();
    host.addresses = std::move(*addresses);
  }
  if (!seen.hosts.empty()) co_return seen;
  auto addresses = co_await dns::look_up_addresses(config, name, deadline);
  if (addresses.has_error()) co_return addresses.error();
  seen.addresses = std::move(*addresses);
  co_return seen;
}

}  // namespace

dns_watch::dns_watch(found_peers& found, dns_watch_settings settings)
    : found_(found), settings_(std::move(settings)) {}

awaitable<void> dns_watch::run() {
  for (;;) {
    const base::time_point began = base::steady::now();
    const base::result<dns_view> seen = co_await look(began + settings_.limit);
    if (seen) {
      found_.take(domain::peers_in_dns(*seen, settings_.rules));
    } else {
      found_.fail(seen.error(), domain::discovery_problem::other);
    }
    co_await async::sleep_until(began + settings_.interval);
  }
}

awaitable<base::result<dns_view>> dns_watch::look(base::time_point deadline) {
  base::result<dns::config> config = settings_.config();
  if (config.has_error()) co_return config.error();
  const std::string name =
      settings_.name.empty()
          ? domain::service_in_dns(settings_.service, settings_.name_space, config->search)
          : settings_.name;
  dns_view none;
  none.name = name;
  for (const std::string& complete : dns::names_to_try(name, *config)) {
    base::result<dns_view> seen = co_await look_at(*config, complete, settings_, deadline);
    if (seen.has_error()) co_return seen;
    if (!seen->hosts.empty() || !seen->addresses.empty()) co_return seen;
  }
  co_return none;
}

}  // namespace warren::agent
