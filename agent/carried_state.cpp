#include "agent/carried_state.hpp"

#include "agent/domain/doors.hpp"

#include <nlohmann/json.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace warren::agent {
namespace {

using json = nlohmann::json;

constexpr int schema = 1;
constexpr std::size_t max_names = 256;  // in each set and map

std::int64_t to_number(base::duration length) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(length).count();
}

std::int64_t to_number(base::time_point when) {
  return to_number(when.time_since_epoch());
}

json to_json(const std::optional<base::time_point>& when) {
  return when ? json(to_number(*when)) : json(nullptr);
}

// The bindings name every member: a new one that is forgotten here does not compile.
json to_json(const domain::health_clocks& clocks) {
  const auto& [looked_at, opened_at, lost_at, silent_since, resumed_at, alarm_since, creation] =
      clocks;
  json alarms = json::object();
  for (const auto& [resource, since] : alarm_since) alarms[resource] = to_number(since);
  return {
      {"looked_at", to_json(looked_at)},
      {"opened_at", to_json(opened_at)},
      {"lost_at", to_json(lost_at)},
      {"silent_since", to_json(silent_since)},
      {"resumed_at", to_json(resumed_at)},
      {"alarm_since", alarms},
      {"creation", creation},
  };
}

json to_json(const std::optional<domain::overrule>& person) {
  if (!person) return nullptr;
  const auto& [found, target] = *person;
  return {{"found", found}, {"target", target}};
}

json to_json(const domain::told& told) {
  const auto& [link, alarms, listeners, unreachable, discovery, peers, peer_problems,
               cluster_formed, cluster_joined, problems, gate_open, ordered, forgotten_at] = told;
  return {
      {"link", static_cast<int>(link)},
      {"alarms", alarms},
      {"listeners", listeners},
      {"unreachable", unreachable},
      {"discovery", static_cast<int>(discovery)},
      {"peers", peers ? json(*peers) : json(nullptr)},
      {"peer_problems", peer_problems},
      {"cluster_formed", cluster_formed},
      {"cluster_joined", cluster_joined},
      {"problems", problems},
      {"gate_open", gate_open},
      {"ordered", ordered},
      {"forgotten_at", to_json(forgotten_at)},
  };
}

// Reads members of an object; one that is absent or of the wrong kind leaves the target alone.
class reader {
 public:
  explicit reader(const json& object) : object_(object) {}

  bool operator()(const char* key, base::time_point& target) const {
    const json& value = at(key);
    if (!value.is_number_integer()) return false;
    target = base::time_point(std::chrono::nanoseconds(value.get<std::int64_t>()));
    return true;
  }
  bool operator()(const char* key, base::duration& target) const {
    const json& value = at(key);
    if (!value.is_number_integer()) return false;
    target = std::chrono::nanoseconds(value.get<std::int64_t>());
    return true;
  }
  void operator()(const char* key, std::string& target) const {
    const json& value = at(key);
    if (value.is_string()) target = value.get<std::string>();
  }
  void operator()(const char* key, bool& target) const {
    const json& value = at(key);
    if (value.is_boolean()) target = value.get<bool>();
  }
  template <std::unsigned_integral Number>
  bool operator()(const char* key, Number& target) const {
    const json& value = at(key);
    if (!value.is_number_unsigned()) return false;
    const auto number = value.get<std::uint64_t>();
    if (number > std::numeric_limits<Number>::max()) return false;
    target = static_cast<Number>(number);
    return true;
  }
  template <class T>
  void operator()(const char* key, std::optional<T>& target) const {
    T value{};
    if ((*this)(key, value)) target = value;
  }
  template <class Enum>
    requires std::is_enum_v<Enum>
  void operator()(const char* key, Enum& target, Enum last) const {
    std::uint64_t number = static_cast<std::uint64_t>(target);
    (*this)(key, number);
    if (number <= static_cast<std::uint64_t>(last)) target = static_cast<Enum>(number);
  }
  void operator()(const char* key, std::set<std::string>& target) const {
    const json& values = at(key);
    if (!values.is_array()) return;
    for (const json& value : values) {
      if (value.is_string() && target.size() < max_names) target.insert(value.get<std::string>());
    }
  }
  void operator()(const char* key, std::map<std::string, base::time_point>& target) const {
    const json& values = at(key);
    if (!values.is_object()) return;
    for (const auto& [name, value] : values.items()) {
      if (!value.is_number_integer() || target.size() >= max_names) continue;
      target.emplace(name, std::chrono::nanoseconds(value.get<std::int64_t>()));
    }
  }

 private:
  [[nodiscard]] const json& at(const char* key) const {
    static const json none;
    const auto member = object_.find(key);
    return member == object_.end() ? none : *member;
  }

  const json& object_;
};

domain::health_clocks to_clocks(const json& object) {
  const reader read(object);
  domain::health_clocks clocks;
  read("looked_at", clocks.looked_at);
  read("opened_at", clocks.opened_at);
  read("lost_at", clocks.lost_at);
  read("silent_since", clocks.silent_since);
  read("resumed_at", clocks.resumed_at);
  read("alarm_since", clocks.alarm_since);
  read("creation", clocks.creation);
  return clocks;
}

std::optional<domain::overrule> to_person(const json& object) {
  const reader read(object);
  domain::overrule person;
  read("found", person.found);
  read("target", person.target);
  const bool sound = person.found ? person.target.empty() : domain::is_node_name(person.target);
  return sound ? std::optional(std::move(person)) : std::nullopt;
}

domain::told to_told(const json& object) {
  const reader read(object);
  domain::told told;
  read("link", told.link, domain::link_state::not_allowed);
  read("alarms", told.alarms);
  read("listeners", told.listeners);
  read("unreachable", told.unreachable);
  read("discovery", told.discovery, domain::discovery_problem::other);
  read("peers", told.peers);
  read("peer_problems", told.peer_problems);
  read("cluster_formed", told.cluster_formed);
  read("cluster_joined", told.cluster_joined);
  read("problems", told.problems);
  read("gate_open", told.gate_open);
  read("ordered", told.ordered);
  read("forgotten_at", told.forgotten_at);
  return told;
}

}  // namespace

std::string encode(const carried_state& state) {
  const json whole = {
      {"schema", schema},
      {"started_at", to_number(state.started_at)},
      {"may_start", state.may_start},
      {"formed_at", to_json(state.formed_at)},
      {"gate_waited", state.gate_waited ? json(to_number(*state.gate_waited)) : json(nullptr)},
      {"outdated_creation",
       state.outdated_creation ? json(*state.outdated_creation) : json(nullptr)},
      {"person", to_json(state.person)},
      {"clocks", to_json(state.clocks)},
      {"told", to_json(state.told)},
  };
  return whole.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<carried_state> decode_carried_state(std::string_view bytes) {
  if (bytes.size() > max_carried_state) return std::nullopt;
  const json whole = json::parse(bytes, nullptr, false);
  if (!whole.is_object() || whole.value("schema", json()) != schema) return std::nullopt;
  const json clocks = whole.value("clocks", json());
  const json told = whole.value("told", json());
  if (!clocks.is_object() || !told.is_object()) return std::nullopt;
  const reader read(whole);
  carried_state state;
  if (!read("started_at", state.started_at)) return std::nullopt;
  read("may_start", state.may_start);
  read("formed_at", state.formed_at);
  read("gate_waited", state.gate_waited);
  state.person = to_person(whole.value("person", json::object()));
  read("outdated_creation", state.outdated_creation);
  state.clocks = to_clocks(clocks);
  state.told = to_told(told);
  return state;
}

}  // namespace warren::agent
