#include "tests/support/formation_views.hpp"

#include <algorithm>
#include <stdexcept>

namespace warren::testing {
namespace {

using namespace std::chrono_literals;
using namespace warren::domain;

base::failure no_answer() {
  return {boost::system::errc::make_error_code(boost::system::errc::timed_out), "no answer"};
}

broker_facts running(const std::vector<std::string>& members, const std::string& cluster_id) {
  return {.state = presence::runs,
          .boot = boot_state::ready,
          .version = "4.3.6",
          .store = metadata_store::khepri,
          .cluster_id = cluster_id,
          .cluster = membership{.members = members, .running = members}};
}

void look_again(formation_view& view) {
  for (formation_member& m : view.members) {
    if (m.agent.current()) m.agent.confirmed(looked_at);
    if (m.broker.current()) m.broker.confirmed(looked_at);
    if (m.claim.current()) m.claim.confirmed(looked_at);
  }
}

}  // namespace

std::string node(int ordinal) {
  return "rabbit@q-" + std::to_string(ordinal);
}

std::string uid_of(int ordinal) {
  return "uid-" + std::to_string(ordinal);
}

std::vector<std::string> nodes(int count) {
  std::vector<std::string> all;
  for (int i = 0; i < count; ++i) all.push_back(node(i));
  return all;
}

formation_view first_start(int count) {
  formation_view view{.node = node(0), .pod_uid = uid_of(0), .began = looked_at - 10s};
  view.disk.saw({.has_data = knowledge::no}, looked_at);
  view.door.saw(std::nullopt, looked_at);
  view.broker.saw({.state = presence::runs_not}, looked_at);
  view.expected.saw(nodes(count), looked_at);
  view.peers.saw(true, looked_at);
  view.record.saw({}, looked_at);
  view.version = "4.3.6";
  view.seed_plugin = true;
  view.door_since = looked_at;
  for (int i = 1; i < count; ++i) {
    formation_member m{.node = node(i), .pod_uid = uid_of(i)};
    m.claim.saw(true, looked_at);
    m.agent.saw({.pod_uid = uid_of(i), .has_data = knowledge::no}, looked_at);
    m.broker.saw({.state = presence::runs_not}, looked_at);
    view.members.push_back(m);
  }
  return view;
}

formation_member& peer(formation_view& view, int ordinal) {
  return *std::ranges::find(view.members, node(ordinal), &formation_member::node);
}

agent_facts& agent_of(formation_view& view, int ordinal) {
  return *peer(view, ordinal).agent.value;
}

void falls_silent(formation_view& view, int ordinal) {
  formation_member& m = peer(view, ordinal);
  m.agent.seen_at = looked_at - 10s;
  m.agent.failed(no_answer());
  peer(view, ordinal).broker.saw({.state = presence::unknown}, looked_at);
}

void loses_the_api(formation_view& view) {
  const auto fail = [](auto& observed) {
    observed.seen_at = looked_at - 10s;
    observed.failed(no_answer());
  };
  fail(view.expected);
  fail(view.record);
  fail(view.peers);
}

void has_no_pod(formation_view& view, int ordinal, knowledge claim) {
  formation_member& m = peer(view, ordinal);
  m.pod_uid.reset();
  m.agent = {};
  m.broker = {};
  m.claim = {};
  if (claim == knowledge::unknown) {
    m.claim.failed(no_answer());
  } else {
    m.claim.saw(claim == knowledge::yes, looked_at);
  }
}

void runs(formation_view& view, int ordinal, const std::vector<std::string>& members,
          const std::string& cluster_id) {
  peer(view, ordinal).broker.saw(running(members, cluster_id), looked_at);
  agent_facts& agent = agent_of(view, ordinal);
  agent.has_data = knowledge::yes;
  agent.gate_open = true;
  agent.mark = mark{.node = node(ordinal), .state = mark_state::member, .cluster_id = cluster_id};
}

void runs_itself(formation_view& view, const std::vector<std::string>& members,
                 const std::string& cluster_id) {
  view.gate_open = true;
  view.broker.saw(running(members, cluster_id), looked_at);
  has_data(view);
}

void has_data(formation_view& view) {
  view.disk.value->has_data = knowledge::yes;
}

void has_mark(formation_view& view, const domain::mark& mark) {
  view.disk.value->mark = mark;
}

void has_record(formation_view& view, const cluster_record& record) {
  view.record.saw({.record = record, .resource_version = "7"}, looked_at);
}

cluster_record founded_record(int members, const std::string& cluster_id) {
  return {.founded = true, .cluster_id = cluster_id, .members = nodes(members), .founder = node(0)};
}

void done(formation_view& view, const formation_step& step) {
  switch (step.act) {
    case formation_act::take_lock:
      view.lock_taken_at = looked_at;
      view.lock_until = looked_at + 10s;
      look_again(view);
      if (view.record.current()) view.record.confirmed(looked_at);
      break;
    case formation_act::drop_lock:
      view.lock_taken_at.reset();
      view.lock_until.reset();
      break;
    case formation_act::write_record: {
      const std::string version = view.record.value->resource_version + "+";
      view.record.saw({.record = step.record, .resource_version = version}, looked_at);
      view.written_version = version;
      break;
    }
    case formation_act::write_mark:
      view.disk.value->mark = step.mark;
      break;
    case formation_act::write_door:
      view.door.saw(step.door, looked_at);
      break;
    case formation_act::open:
      view.gate_open = true;
      break;
    case formation_act::forget:
      view.forgotten = true;
      for (formation_member& m : view.members) {
        if (m.broker.value && m.broker.value->cluster) {
          std::erase(m.broker.value->cluster->members, view.node);
        }
      }
      break;
    case formation_act::wait:
    case formation_act::join:
      break;
  }
}

formation_step decide(const formation_view& view, const formation_settings& settings) {
  return next_step(view, settings, looked_at);
}

formation_step decide_until(formation_view& view, formation_act act) {
  for (int i = 0; i < 20; ++i) {
    const formation_step step = decide(view);
    if (step.act == act) return step;
    if (step.act == formation_act::wait) {
      throw std::runtime_error("it waits instead: " + step.reason);
    }
    done(view, step);
  }
  throw std::runtime_error("twenty steps, and none of them was that");
}

}  // namespace warren::testing
