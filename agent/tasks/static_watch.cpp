#include "agent/tasks/static_watch.hpp"

#include "async/all_of.hpp"
#include "base/file.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <utility>

namespace warren::agent {
namespace {

using async::awaitable;

constexpr std::size_t largest_hosts_file = 1 << 20;

// Those of the first name of the search list that has any.
awaitable<base::result<std::vector<std::string>>> addresses_in_dns(dns::config& config,
                                                                   std::string host,
                                                                   base::time_point deadline) {
  for (const std::string& name : dns::names_to_try(host, config)) {
    auto addresses = co_await dns::look_up_addresses(config, name, deadline);
    if (addresses.has_error() || !addresses->empty()) co_return addresses;
  }
  co_return std::vector<std::string>();
}

}  // namespace

static_watch::static_watch(found_peers& found, static_watch_settings settings)
    : found_(found), settings_(std::move(settings)) {
  for (const std::string& node : settings_.nodes) {
    domain::peer peer;
    peer.node = node;
    peer.ready = peer.serving = true;  // a list does not tell
    peers_.push_back(std::move(peer));
  }
}

awaitable<void> static_watch::run() {
  take();
  for (;;) {
    const base::time_point began = base::steady::now();
    const auto hosts = base::read_file(settings_.hosts_file, largest_hosts_file);
    const std::string text = hosts ? *hosts : std::string();
    base::result<dns::config> config = settings_.config();
    std::vector<awaitable<void>> looks;
    looks.reserve(peers_.size());
    for (std::size_t n = 0; n < peers_.size(); ++n) looks.push_back(find(n, text, config));
    co_await async::all_of(std::move(looks));
    take();
    co_await async::sleep_until(began + settings_.interval);
  }
}

awaitable<void> static_watch::find(std::size_t index, const std::string& hosts,
                                   base::result<dns::config>& config) {
  domain::peer& peer = peers_[index];
  const std::string host(domain::host_of(peer.node));
  base::error_code is_name;
  boost::asio::ip::make_address(host, is_name);
  base::result<std::vector<std::string>> got = std::vector<std::string>{host};
  if (is_name) got = dns::addresses_in_hosts(hosts, host);
  if (got->empty()) {
    if (config) {
      got = co_await addresses_in_dns(*config, host, base::steady::now() + settings_.limit);
    } else {
      got = config.error();
    }
  }
  if (got) peer.addresses = std::move(*got);
  const std::string why = got ? "DNS has none" : got.error().text();
  if (got && !peer.addresses.empty()) {
    if (said_.well(host)) log(log_level::info, "peers: the addresses of " + host + " are known");
  } else if (said_.problem(host, why)) {
    log(log_level::info, "peers: the addresses of " + host + " are not known: " + why);
  }
}

void static_watch::take() {
  domain::peer_list list;
  list.peers = peers_;
  std::ranges::sort(list.peers, {}, &domain::peer::node);
  found_.take(std::move(list));
}

}  // namespace warren::agent
