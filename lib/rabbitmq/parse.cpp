#include "rabbitmq/parse.hpp"

#include "etf/match.hpp"
#include "etf/to_text.hpp"
#include "rabbitmq/unexpected.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace warren::rabbitmq {
namespace {

using etf::term;

template <class T>
void sort_unique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

// An inet:ip_address(): four bytes or eight words.
std::optional<std::string> ip_address(const term& t) {
  const auto* parts = etf::as_tuple(t);
  if (!parts || (parts->size() != 4 && parts->size() != 8)) return std::nullopt;
  const bool v4 = parts->size() == 4;
  boost::asio::ip::address_v4::bytes_type bytes4{};
  boost::asio::ip::address_v6::bytes_type bytes6{};
  for (std::size_t i = 0; i < parts->size(); ++i) {
    const auto n = etf::as_integer((*parts)[i]);
    if (!n || *n < 0 || *n > (v4 ? 0xFF : 0xFFFF)) return std::nullopt;
    if (v4) {
      bytes4[i] = static_cast<unsigned char>(*n);
    } else {
      bytes6[2 * i] = static_cast<unsigned char>(*n >> 8);
      bytes6[2 * i + 1] = static_cast<unsigned char>(*n);
    }
  }
  if (v4) return boost::asio::ip::address_v4(bytes4).to_string();
  return boost::asio::ip::address_v6(bytes6).to_string();
}

// One element of an alarm list: a bare atom, {Atom, []}, {resource_limit, Resource, Node} or
// {{resource_limit, Resource, Node}, []}.
struct alarm_parts {
  const term* resource;
  const term* node;  // none: the asked node's
};
std::optional<alarm_parts> alarm_of(const term& t) {
  if (etf::as_atom(t)) return alarm_parts{&t, nullptr};
  if (const auto* limit = etf::as_tagged(t, "resource_limit", 3)) {
    return alarm_parts{&(*limit)[1], &(*limit)[2]};
  }
  const auto* pair = etf::as_tuple(t, 2);
  if (!pair) return std::nullopt;
  if (etf::as_atom(pair->front())) return alarm_parts{&pair->front(), nullptr};
  if (const auto* limit = etf::as_tagged(pair->front(), "resource_limit", 3)) {
    return alarm_parts{&(*limit)[1], &(*limit)[2]};
  }
  return std::nullopt;
}

}  // namespace

base::result<std::string> parse_version(const term& answer) {
  const auto text = etf::as_text(answer);
  if (!text || text->empty() || text->size() > 64 ||
      !std::all_of(text->begin(), text->end(), [](char c) { return c > ' ' && c < 127; })) {
    return unexpected("version", answer);
  }
  return *text;
}

base::result<boot_state> parse_boot_state(const term& answer) {
  const auto state = etf::as_atom(answer);
  if (state == "stopped") return boot_state::stopped;
  if (state == "booting") return boot_state::booting;
  if (state == "core_started") return boot_state::core_started;
  if (state == "ready") return boot_state::ready;
  if (state == "stopping") return boot_state::stopping;
  // rabbit:is_running/0 of versions without boot states.
  if (state == "true") return boot_state::ready;
  if (state == "false") return boot_state::stopped;
  return unexpected("boot state", answer);
}

base::result<bool> parse_paused(const term& answer) {
  if (etf::as_pid(answer)) return true;
  if (etf::is_atom(answer, "undefined")) return false;
  return unexpected("whereis", answer);
}

base::result<bool> parse_draining(const term& answer) {
  if (etf::is_atom(answer, "draining")) return true;
  // undefined: the feature flag of maintenance mode is off.
  if (etf::is_atom(answer, "regular") || etf::is_atom(answer, "undefined")) return false;
  return unexpected("maintenance status", answer);
}

base::result<std::vector<std::string>> parse_alarms(const term& answer, std::string_view node) {
  const auto* elements = etf::as_list(answer);
  if (!elements) return unexpected("alarms", answer);
  std::vector<std::string> resources;
  for (const term& element : *elements) {
    const auto parts = alarm_of(element);
    if (!parts) return unexpected("alarms", answer);
    if (parts->node && !etf::is_atom(*parts->node, node)) continue;
    const auto name = etf::as_atom(*parts->resource);
    resources.push_back(name ? std::string(*name) : etf::to_text(*parts->resource));
  }
  sort_unique(resources);
  return resources;
}

// {listener, Node, Protocol, Host, IpAddress, Port, Options}; include/rabbit.hrl since 3.7.
base::result<std::vector<listener>> parse_listeners(const term& answer) {
  const auto* elements = etf::as_list(answer);
  if (!elements) return unexpected("listeners", answer);
  std::vector<listener> listeners;
  for (const term& element : *elements) {
    const auto* fields = etf::as_tagged(element, "listener", 7);
    const auto protocol = fields ? etf::as_atom((*fields)[2]) : std::nullopt;
    const auto port = fields ? etf::as_integer((*fields)[5]) : std::nullopt;
    if (!protocol || !port) return unexpected("listeners", answer);
    const auto address = ip_address((*fields)[4]);
    if (!address || *port <= 0 || *port > 65535) continue;
    listeners.push_back({std::string(*protocol), *address, static_cast<std::uint16_t>(*port)});
  }
  std::sort(listeners.begin(), listeners.end(), [](const listener& a, const listener& b) {
    return std::tie(a.port, a.address, a.protocol) < std::tie(b.port, b.address, b.protocol);
  });
  return listeners;
}

base::result<std::vector<std::string>> parse_nodes(const term& answer) {
  const auto* elements = etf::as_list(answer);
  if (!elements) return unexpected("nodes", answer);
  std::vector<std::string> nodes;
  for (const term& element : *elements) {
    const auto name = etf::as_atom(element);
    if (!name) return unexpected("nodes", answer);
    nodes.emplace_back(*name);
  }
  sort_unique(nodes);
  return nodes;
}

}  // namespace warren::rabbitmq
