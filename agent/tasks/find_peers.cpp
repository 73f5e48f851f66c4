#include "agent/tasks/find_peers.hpp"

#include "agent/tasks/dns_watch.hpp"
#include "agent/tasks/static_watch.hpp"

#include <utility>

namespace warren::agent {
namespace {

dns_watch_settings dns_settings(const settings& s) {
  dns_watch_settings watch;
  watch.name = s.peers.dns_name;
  watch.service = s.peers.service;
  if (auto name_space = name_space_of(s)) watch.name_space = std::move(*name_space);
  watch.port_name = s.peers.dns_port_name;
  watch.rules = s.peers.rules;
  watch.interval = s.peers.interval;
  return watch;
}

static_watch_settings static_settings(const settings& s) {
  static_watch_settings watch;
  watch.nodes = s.peers.nodes;
  watch.interval = s.peers.interval;
  return watch;
}

}  // namespace

async::awaitable<void> find_peers(const settings& s, found_peers& found, peer_watch& kubernetes) {
  switch (s.peers.source) {
    case peer_source::kubernetes:
      co_await kubernetes.run();
      break;
    case peer_source::dns: {
      dns_watch watch(found, dns_settings(s));
      co_await watch.run();
      break;
    }
    case peer_source::fixed: {
      static_watch watch(found, static_settings(s));
      co_await watch.run();
      break;
    }
  }
}

}  // namespace warren::agent
