#include "rabbitmq/parse.hpp"

#include "etf/match.hpp"
#include "etf/to_text.hpp"
#include "rabbitmq/errc.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

namespace warren::rabbitmq {
namespace {

base::failure unexpected(std::string_view what, const etf::term& answer) {
  return {errc::unexpected_answer, std::string(what) + " " + etf::to_text(answer)};
}

std::optional<std::string> resource_of(const etf::term& alarm) {
  if (const auto name = etf::as_atom(alarm)) return std::string(*name);
  if (const auto* limit = etf::as_tagged(alarm, "resource_limit", 3)) {
    if (const auto resource = etf::as_atom((*limit)[1])) return std::string(*resource);
    return std::nullopt;
  }
  if (const auto* pair = etf::as_tuple(alarm, 2)) {
    const etf::term& what = pair->front();
    // Only the two forms above stand in a pair: it does not nest further.
    if (etf::as_tuple(what, 2) == nullptr) return resource_of(what);
  }
  return std::nullopt;
}

std::optional<std::string> address_of(const etf::term& ip) {
  namespace asio_ip = boost::asio::ip;
  const std::vector<etf::term>* parts = etf::as_tuple(ip);
  if (parts == nullptr) return std::nullopt;
  const auto part = [parts](std::size_t i, std::int64_t limit) -> std::optional<unsigned> {
    const auto value = etf::as_integer((*parts)[i]);
    if (!value || *value < 0 || *value > limit) return std::nullopt;
    return static_cast<unsigned>(*value);
  };
  if (parts->size() == 4) {
    asio_ip::address_v4::bytes_type bytes{};
    for (std::size_t i = 0; i < 4; ++i) {
      const auto value = part(i, 0xff);
      if (!value) return std::nullopt;
      bytes.at(i) = static_cast<unsigned char>(*value);
    }
    return asio_ip::address_v4(bytes).to_string();
  }
  if (parts->size() == 8) {
    asio_ip::address_v6::bytes_type bytes{};
    for (std::size_t i = 0; i < 8; ++i) {
      const auto value = part(i, 0xffff);
      if (!value) return std::nullopt;
      bytes.at(2 * i) = static_cast<unsigned char>(*value >> 8);
      bytes.at(2 * i + 1) = static_cast<unsigned char>(*value & 0xff);
    }
    return asio_ip::address_v6(bytes).to_string();
  }
  return std::nullopt;
}

}  // namespace

base::result<boot_state> parse_boot_state(const etf::term& answer) {
  constexpr std::array<std::pair<std::string_view, boot_state>, 5> states{{
      {"stopped", boot_state::stopped},
      {"booting", boot_state::booting},
      {"core_started", boot_state::core_started},
      {"ready", boot_state::ready},
      {"stopping", boot_state::stopping},
  }};
  for (const auto& [name, state] : states) {
    if (etf::is_atom(answer, name)) return state;
  }
  return unexpected("the boot state", answer);
}

base::result<boot_state> parse_is_running(const etf::term& answer) {
  const auto running = etf::as_boolean(answer);
  if (!running) return unexpected("rabbit:is_running/0", answer);
  return *running ? boot_state::ready : boot_state::stopped;
}

base::result<bool> parse_paused(const etf::term& answer) {
  if (etf::as_pid(answer) != nullptr) return true;
  if (etf::is_atom(answer, "undefined")) return false;
  return unexpected("erlang:whereis/1", answer);
}

base::result<bool> parse_draining(const etf::term& answer) {
  if (etf::is_atom(answer, "draining")) return true;
  if (etf::is_atom(answer, "regular")) return false;
  return unexpected("the maintenance status", answer);
}

base::result<std::vector<std::string>> parse_alarms(const etf::term& answer) {
  const std::vector<etf::term>* list = etf::as_list(answer);
  if (list == nullptr) return unexpected("the alarms", answer);
  std::vector<std::string> resources;
  for (const etf::term& alarm : *list) {
    std::optional<std::string> resource = resource_of(alarm);
    if (!resource) return unexpected("an alarm", alarm);
    resources.push_back(std::move(*resource));
  }
  std::sort(resources.begin(), resources.end());
  resources.erase(std::unique(resources.begin(), resources.end()), resources.end());
  return resources;
}

base::result<std::vector<listener>> parse_listeners(const etf::term& answer) {
  const std::vector<etf::term>* list = etf::as_list(answer);
  if (list == nullptr) return unexpected("the listeners", answer);
  std::vector<listener> listeners;
  for (const etf::term& entry : *list) {
    const std::vector<etf::term>* fields = etf::as_tagged(entry, "listener", 7);
    if (fields == nullptr) return unexpected("a listener", entry);
    const auto protocol = etf::as_atom((*fields)[2]);
    const auto port = etf::as_integer((*fields)[5]);
    if (!protocol || !port) return unexpected("a listener", entry);
    if (*port <= 0 || *port > 0xffff) continue;
    std::optional<std::string> address = address_of((*fields)[4]);
    if (!address) continue;
    listeners.push_back(
        {std::string(*protocol), std::move(*address), static_cast<std::uint16_t>(*port)});
  }
  std::sort(listeners.begin(), listeners.end(), [](const listener& a, const listener& b) {
    return std::tie(a.port, a.address, a.protocol) < std::tie(b.port, b.address, b.protocol);
  });
  return listeners;
}

base::result<std::vector<std::string>> parse_nodes(const etf::term& answer) {
  const std::vector<etf::term>* list = etf::as_list(answer);
  if (list == nullptr) return unexpected("the list of nodes", answer);
  std::vector<std::string> nodes;
  for (const etf::term& entry : *list) {
    const auto node = etf::as_atom(entry);
    if (!node) return unexpected("a node", entry);
    nodes.emplace_back(*node);
  }
  std::sort(nodes.begin(), nodes.end());
  return nodes;
}

base::result<std::string> parse_version(const etf::term& answer) {
  std::optional<std::string> text = etf::as_text(answer);
  if (!text || text->empty() || text->size() > 100) return unexpected("the version", answer);
  return std::move(*text);
}

}  // namespace warren::rabbitmq
