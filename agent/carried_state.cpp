#include "agent/carried_state.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>

namespace warren::agent {
namespace {

using json = nlohmann::json;

constexpr int schema = 1;
constexpr std::size_t max_alarms = 64;

std::int64_t to_number(base::time_point when) {
  using std::chrono::nanoseconds;
  return std::chrono::duration_cast<nanoseconds>(when.time_since_epoch()).count();
}

json to_json(const std::optional<base::time_point>& when) {
  return when ? json(to_number(*when)) : json(nullptr);
}

std::optional<base::time_point> time_in(const json& object, const char* key) {
  const auto member = object.find(key);
  if (member == object.end() || !member->is_number_integer()) return std::nullopt;
  return base::time_point(std::chrono::nanoseconds(member->get<std::int64_t>()));
}

bool flag_in(const json& object, const char* key) {
  const auto member = object.find(key);
  return member != object.end() && member->is_boolean() && member->get<bool>();
}

}  // namespace

std::string encode(const carried_state& state) {
  json alarms = json::object();
  for (const auto& [resource, since] : state.clocks.alarm_since) {
    alarms[resource] = to_number(since);
  }
  const json whole = {
      {"schema", schema},
      {"started_at", to_number(state.started_at)},
      {"clocks",
       {{"opened_at", to_json(state.clocks.opened_at)},
        {"lost_at", to_json(state.clocks.lost_at)},
        {"silent_since", to_json(state.clocks.silent_since)},
        {"alarm_since", alarms}}},
      {"told",
       {{"cluster_formed", state.told.cluster_formed},
        {"cluster_joined", state.told.cluster_joined}}},
  };
  return whole.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<carried_state> decode_carried_state(std::string_view bytes) {
  if (bytes.size() > max_carried_state) return std::nullopt;
  const json whole = json::parse(bytes, nullptr, false);
  if (!whole.is_object() || whole.value("schema", json()) != schema) return std::nullopt;
  const std::optional<base::time_point> started_at = time_in(whole, "started_at");
  const auto clocks = whole.find("clocks");
  const auto told = whole.find("told");
  if (!started_at || clocks == whole.end() || told == whole.end()) return std::nullopt;
  if (!clocks->is_object() || !told->is_object()) return std::nullopt;

  carried_state state;
  state.started_at = *started_at;
  state.clocks.opened_at = time_in(*clocks, "opened_at");
  state.clocks.lost_at = time_in(*clocks, "lost_at");
  state.clocks.silent_since = time_in(*clocks, "silent_since");
  const auto alarms = clocks->find("alarm_since");
  if (alarms != clocks->end() && alarms->is_object()) {
    for (const auto& [resource, since] : alarms->items()) {
      if (!since.is_number_integer() || state.clocks.alarm_since.size() >= max_alarms) continue;
      const std::chrono::nanoseconds when(since.get<std::int64_t>());
      state.clocks.alarm_since.emplace(resource, when);
    }
  }
  state.told.cluster_formed = flag_in(*told, "cluster_formed");
  state.told.cluster_joined = flag_in(*told, "cluster_joined");
  return state;
}

}  // namespace warren::agent
