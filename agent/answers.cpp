#include "agent/answers.hpp"

#include "agent/domain/gate_orders.hpp"

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

json mark_json(const domain::mark& m) {
  return {{"node", m.node},
          {"state", name(m.state)},
          {"target", m.target},
          {"cluster_id", m.cluster_id}};
}

json door_json(const domain::door& d) {
  return {{"kind", name(d.kind)}, {"target", d.target}, {"pod_uid", d.pod_uid}};
}

json record_json(const domain::record_view& seen) {
  json j;
  j["resource_version"] = seen.resource_version;
  j["record"] = nullptr;
  if (!seen.record) return j;
  const domain::cluster_record& r = *seen.record;
  j["record"] = {{"founded", r.founded},         {"cluster_id", r.cluster_id},
                 {"members", r.members},         {"founder", r.founder},
                 {"founder_uid", r.founder_uid}, {"forgetting", r.forgetting},
                 {"overruled", r.overruled}};
  return j;
}

// Its own broker's, or what it has on its disk.
std::string cluster_id(const domain::formation_view& view) {
  const auto& broker = view.broker;
  if (broker.current() && !broker.value->cluster_id.empty()) return broker.value->cluster_id;
  const bool marked = view.disk.current() && view.disk.value->mark;
  return marked ? view.disk.value->mark->cluster_id : std::string();
}

// What peers decide by: status_reader.cpp reads it.
void add_formation(json& j, const snapshot& now_known, base::time_point now) {
  const domain::formation_view& view = now_known.formation;
  const bool gate = now_known.gate_mode;
  j["formation"] = gate ? "gate" : "observe";
  if (gate) {
    j["decision"] = name(now_known.decision.act);
    j["reason"] = now_known.decision.reason;
  } else {
    j["decision"] = "observe";
    j["reason"] = now_known.may_start
                      ? "the broker may start: its peers are known, or it runs already"
                      : "the peer file is not written yet";
  }
  j["leases"] = name(!gate         ? domain::knowledge::unknown
                     : view.leases ? domain::knowledge::yes
                                   : domain::knowledge::no);
  j["has_data"] = name(gate ? domain::told_data(view) : domain::knowledge::unknown);
  j["gate_open"] = gate ? json(view.gate_open) : json();
  const bool marked = gate && view.disk.current() && view.disk.value->mark;
  j["mark"] = marked ? mark_json(*view.disk.value->mark) : json();
  const bool has_door = gate && view.door.current() && *view.door.value;
  j["door"] = has_door ? door_json(**view.door.value) : json();
  j["door_read"] = has_door ? json(view.door_read) : json();
  const std::string id = cluster_id(view);
  j["cluster_id"] = id.empty() ? json() : json(id);
  j["expected"] = observation(view.expected, now,
                              [](const std::vector<std::string>& nodes) { return json(nodes); });
  j["record"] = observation(view.record, now, record_json);
}

// The cluster as all brokers report it, and what is wrong.
void add_cluster(json& j, const snapshot& now_known, base::time_point now) {
  const domain::cluster_picture& cluster = now_known.cluster;
  const bool seen = !cluster.groups.empty();
  j["groups"] = seen ? json(cluster.groups) : json();
  j["outside"] = seen ? json(cluster.outside) : json();
  j["members_without_pod"] = cluster.pods_known ? json(cluster.without_pod) : json();
  j["problems"] = json::array();
  for (const domain::cluster_problem& p : now_known.world.problems.all) {
    json problem = {{"reason", p.reason}, {"about", p.about}, {"note", p.note}};
    problem["since_seconds"] = seconds(now - p.since);
    problem["told"] = p.stands;
    j["problems"].push_back(std::move(problem));
  }
}

}  // namespace

std::string status_json(const snapshot& now_known, const identity& who, base::time_point now) {
  const domain::world_view& world = now_known.world;
  json j = {{"schema", 1},      {"version", who.version},
            {"node", who.node}, {"service", who.service},
            {"pod", who.pod},   {"pod_uid", who.pod_uid}};
  add_formation(j, now_known, now);
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
  add_cluster(j, now_known, now);
  j["peers"] = observation(world.peers, now, [](const domain::peer_list& list) {
    json nodes = json::array();
    for (const domain::peer& p : list.peers) nodes.push_back(p.node);
    return nodes;
  });
  return dump(j);
}

std::string gate_json(const snapshot& now_known, base::time_point now) {
  const domain::formation_view& view = now_known.formation;
  json j = {{"node", now_known.world.node}};
  add_formation(j, now_known, now);
  j["problem"] = now_known.decision.problem;
  const bool waits = now_known.gate_mode && !view.gate_open;
  j["waits_seconds"] = waits ? json(seconds(now - view.began)) : json();
  j["lock_held"] = view.holds_lock(now);
  j["ordered"] = view.person ? json(text_of(*view.person)) : json();
  return dump(j);
}

}  // namespace warren::agent
