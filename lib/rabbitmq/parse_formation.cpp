#include "rabbitmq/parse_formation.hpp"

#include "etf/match.hpp"
#include "rabbitmq/unexpected.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

namespace warren::rabbitmq {
namespace {

using etf::term;

constexpr std::size_t longest_text = 4096;

// {ok, Value} without the frame.
const term* inside_ok(const term& answer) {
  const auto* pair = etf::as_tagged(answer, "ok", 2);
  return pair ? &pair->back() : nullptr;
}

bool is_own(std::string_view exchange) {
  return !exchange.empty() && !exchange.starts_with("amq.");
}

// The major and minor number of "4.3.6".
std::optional<std::pair<int, int>> two_numbers(std::string_view version) {
  const char* const begin = std::to_address(version.begin());
  const char* const end = begin + version.size();
  int major = 0;
  const auto first = std::from_chars(begin, end, major);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.') return std::nullopt;
  int minor = 0;
  const auto second = std::from_chars(first.ptr + 1, end, minor);
  if (second.ec != std::errc() || major < 0 || minor < 0) return std::nullopt;
  return std::pair(major, minor);
}

}  // namespace

base::result<std::string> parse_cluster_id(const term& answer) {
  if (etf::is_atom(answer, "not_found")) return std::string();
  const auto id = etf::as_text(answer);
  if (!id || id->empty() || id->size() > 255) return unexpected("cluster id", answer);
  return *id;
}

base::result<bool> parse_boolean(const term& answer) {
  const auto value = etf::as_boolean(answer);
  if (!value) return unexpected("truth value", answer);
  return *value;
}

base::result<std::int64_t> parse_integer(const term& answer) {
  const auto value = etf::as_integer(answer);
  if (!value) return unexpected("number", answer);
  return *value;
}

base::result<vm_status> parse_vm_status(const term& answer) {
  const auto* pair = etf::as_tuple(answer, 2);
  const auto status = pair ? etf::as_atom(pair->front()) : std::nullopt;
  if (status == "starting") return vm_status::starting;
  if (status == "started") return vm_status::started;
  if (status == "stopping") return vm_status::stopping;
  return unexpected("VM status", answer);
}

boot_state with_vm(boot_state boot, vm_status vm) {
  if (boot == boot_state::ready && vm == vm_status::starting) return boot_state::core_started;
  if (boot != boot_state::stopped) return boot;
  if (vm == vm_status::starting) return boot_state::booting;
  return vm == vm_status::stopping ? boot_state::stopping : boot;
}

base::result<std::string> parse_folder(const term& answer) {
  const term* const inside = inside_ok(answer);
  const auto path = etf::as_text(inside ? *inside : answer);
  if (!path || path->size() > longest_text || !path->starts_with('/')) {
    return unexpected("data folder", answer);
  }
  return *path;
}

base::result<std::string> parse_setting(const term& answer) {
  const term* const inside = inside_ok(answer);
  const auto text = inside ? etf::as_text(*inside) : std::nullopt;
  if (!text) return unexpected("setting", answer);
  return *text;
}

base::result<std::vector<std::string>> parse_users(const term& answer) {
  const auto* users = etf::as_list(answer);
  if (!users) return unexpected("users", answer);
  std::vector<std::string> names;
  for (const term& user : *users) {
    const auto* properties = etf::as_list(user);
    const auto* first = properties && !properties->empty()
                            ? etf::as_tagged(properties->front(), "user", 2)
                            : nullptr;
    const auto name = first ? etf::as_binary(first->back()) : std::nullopt;
    if (!name) return unexpected("users", answer);
    names.emplace_back(*name);
  }
  return names;
}

base::result<std::vector<std::string>> parse_vhosts(const term& answer) {
  const auto* vhosts = etf::as_list(answer);
  if (!vhosts) return unexpected("virtual hosts", answer);
  std::vector<std::string> names;
  for (const term& vhost : *vhosts) {
    const auto name = etf::as_binary(vhost);
    if (!name) return unexpected("virtual hosts", answer);
    names.emplace_back(*name);
  }
  return names;
}

base::result<std::vector<std::string>> parse_own_exchanges(const term& answer) {
  const auto* exchanges = etf::as_list(answer);
  if (!exchanges) return unexpected("exchanges", answer);
  std::vector<std::string> names;
  for (const term& exchange : *exchanges) {
    const auto* resource = etf::as_tagged(exchange, "resource", 4);
    const auto name = resource ? etf::as_binary(resource->back()) : std::nullopt;
    if (!name) return unexpected("exchanges", answer);
    if (is_own(*name)) names.emplace_back(*name);
  }
  return names;
}

base::result<std::size_t> parse_length(const term& answer) {
  const auto* elements = etf::as_list(answer);
  if (!elements) return unexpected("list", answer);
  return elements->size();
}

base::result<std::optional<std::int64_t>> parse_table_size(const term& answer) {
  if (etf::is_atom(answer, "undefined")) return std::optional<std::int64_t>();
  const auto size = etf::as_integer(answer);
  if (!size || *size < 0) return unexpected("table size", answer);
  return size;
}

bool is_at_least(std::string_view version, int major, int minor) {
  const auto numbers = two_numbers(version);
  return numbers && *numbers >= std::pair(major, minor);
}

metadata_store store_of(std::string_view version, const base::result<bool>& khepri_enabled) {
  const auto numbers = two_numbers(version);
  if (numbers && *numbers >= std::pair(4, 3)) return metadata_store::khepri;
  if (numbers && *numbers < std::pair(3, 13)) return metadata_store::mnesia;
  if (!numbers || !khepri_enabled) return metadata_store::unknown;
  return *khepri_enabled ? metadata_store::khepri : metadata_store::mnesia;
}

std::optional<base::wall_time> time_of(std::int64_t monotonic, std::int64_t offset,
                                       std::int64_t units) {
  constexpr std::int64_t nanoseconds = 1'000'000'000;
  constexpr std::int64_t furthest = 9'000'000'000;  // in seconds, what fits nanoseconds in 64 bits
  std::int64_t since_1970 = 0;
  if (units <= 0 || units > nanoseconds || __builtin_add_overflow(monotonic, offset, &since_1970) ||
      since_1970 < 0) {
    return std::nullopt;
  }
  const std::int64_t seconds = since_1970 / units;
  if (seconds > furthest) return std::nullopt;
  const std::int64_t rest = since_1970 % units * nanoseconds / units;
  return base::wall_time(std::chrono::duration_cast<base::wall_clock::duration>(
      std::chrono::seconds(seconds) + std::chrono::nanoseconds(rest)));
}

}  // namespace warren::rabbitmq
