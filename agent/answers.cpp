#include "agent/answers.hpp"

#include <nlohmann/json.hpp>

namespace warren::agent {
namespace {

using json = nlohmann::ordered_json;

// Text that came from elsewhere may hold bytes that are no UTF-8: they are replaced, not thrown at.
std::string dump(const json& j) {
  return j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

double seconds(base::duration d) {
  return std::chrono::duration<double>(d).count();
}

// {"value": ..., "age_seconds": ..., "error": ...}
template <class T, class ToJson>
json observation(const base::observed<T>& seen, base::time_point now, ToJson to_json) {
  json j;
  j["value"] = seen.value ? to_json(*seen.value) : json();
  const auto age = seen.age(now);
  j["age_seconds"] = age ? json(seconds(*age)) : json();
  j["error"] = seen.last_error ? json(seen.last_error->text()) : json();
  return j;
}

json broker_json(const domain::broker_view& b, base::time_point now) {
  json j;
  const bool booted = b.boot.value && b.link.state == domain::link_state::connected;
  j["state"] = booted ? name(*b.boot.value) : name(b.link.state);
  j["version"] = b.version.empty() ? json() : json(b.version);
  j["link"] = {{"state", name(b.link.state)}, {"detail", b.link.detail}};
  j["link"]["since_seconds"] = b.link.since ? json(seconds(now - *b.link.since)) : json();
  j["link"]["answered_seconds_ago"] =
      b.link.last_answer ? json(seconds(now - *b.link.last_answer)) : json();
  j["draining"] = observation(b.draining, now, [](bool v) { return json(v); });
  j["paused"] = observation(b.paused, now, [](bool v) { return json(v); });
  j["alarms"] = observation(b.alarms, now, [](const std::vector<domain::alarm>& alarms) {
    json list = json::array();
    for (const domain::alarm& a : alarms) list.push_back(a.resource);
    return list;
  });
  j["listeners"] = observation(b.ports, now, [](const std::vector<domain::port_view>& ports) {
    json list = json::array();
    for (const domain::port_view& p : ports) {
      list.push_back({{"protocol", p.what.protocol},
                      {"address", p.what.address},
                      {"port", p.what.port},
                      {"accepts", p.accepts},
                      {"problem", p.problem}});
    }
    return list;
  });
  return j;
}

}  // namespace

std::string status_json(const snapshot& now_known, const identity& who, base::time_point now) {
  const domain::world_view& world = now_known.world;
  json j = {{"schema", 1},      {"version", who.version},
            {"node", who.node}, {"service", who.service},
            {"pod", who.pod},   {"pod_uid", who.pod_uid}};
  j["decision"] = "observe";
  j["reason"] = now_known.may_start
                    ? "the broker may start: its peers are known, or it runs already"
                    : "the peer file is not written yet";
  j["has_data"] = "unknown";
  j["cluster_id"] = nullptr;
  j["broker"] = broker_json(world.broker, now);
  const auto names = [](const std::vector<std::string>& list) { return json(list); };
  const auto part = [&](auto member) {
    base::observed<std::vector<std::string>> seen;
    if (world.broker.cluster.value) seen.value = (*world.broker.cluster.value).*member;
    seen.seen_at = world.broker.cluster.seen_at;
    seen.last_error = world.broker.cluster.last_error;
    return observation(seen, now, names);
  };
  j["members"] = part(&domain::membership::members);
  j["running"] = part(&domain::membership::running);
  j["partitioned"] = part(&domain::membership::partitioned);
  j["expected_members"] = observation(world.expected_members, now, [](int n) { return json(n); });
  j["groups"] = nullptr;
  j["peers"] = observation(world.peers, now, [](const domain::peer_list& list) {
    json nodes = json::array();
    for (const domain::peer& p : list.peers) nodes.push_back(p.node);
    return nodes;
  });
  return dump(j);
}

}  // namespace warren::agent
