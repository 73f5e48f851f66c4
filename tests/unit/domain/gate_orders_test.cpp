#include "agent/domain/gate_orders.hpp"

#include "tests/support/catch.hpp"

using namespace warren;
using namespace std::chrono_literals;
using namespace warren::domain;

namespace {

const base::time_point now{1h};

formation_member member(const std::string& node) {
  formation_member m;
  m.node = node;
  m.pod_uid = "uid-of-" + node;
  return m;
}

// A node without data whose gate is closed, and two others that say nothing.
formation_view closed_gate() {
  formation_view view;
  view.node = "rabbit@a";
  view.pod_uid = "uid-a";
  view.disk.saw({.has_data = knowledge::no}, now);
  view.members = {member("rabbit@b"), member("rabbit@c")};
  return view;
}

// The cluster of b and c runs.
formation_view beside_a_cluster() {
  formation_view view = closed_gate();
  for (formation_member& m : view.members) {
    broker_facts facts;
    facts.state = presence::runs;
    facts.boot = boot_state::ready;
    facts.cluster_id = "id";
    facts.cluster = membership{{"rabbit@b", "rabbit@c"}, {"rabbit@b", "rabbit@c"}, {}};
    m.broker.saw(facts, now);
  }
  return view;
}

order_verdict found(const formation_view& view) {
  return judge_order({.found = true}, view, {}, now);
}
order_verdict join(const formation_view& view, const std::string& target) {
  return judge_order({.target = target}, view, {}, now);
}
bool has(const order_verdict& verdict, const std::string& words) {
  CAPTURE(verdict.text);
  return verdict.text.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("an order to found is taken where no cluster runs, and says whose data it gives up") {
  formation_view view = closed_gate();
  CHECK(found(view).taken);
  CHECK(has(found(view), "rabbit@b, rabbit@c may hold"));
  for (formation_member& m : view.members) m.agent.saw({.has_data = knowledge::no}, now);
  CHECK(found(view).text == "rabbit@a founds a new cluster");
}

TEST_CASE("nobody can order a second cluster beside one that runs") {
  CHECK_FALSE(found(beside_a_cluster()).taken);
  CHECK(has(found(beside_a_cluster()), "'warren gate join rabbit@b'"));
}

TEST_CASE("an order to join is taken for a node that is known, be it running or not") {
  CHECK(join(beside_a_cluster(), "rabbit@c").taken);
  CHECK(has(join(beside_a_cluster(), "rabbit@c"), "cluster of rabbit@b, rabbit@c"));
  CHECK(join(closed_gate(), "rabbit@c").taken);
  CHECK(has(join(closed_gate(), "rabbit@c"), "not seen to run"));
  CHECK_FALSE(join(closed_gate(), "rabbit@x").taken);
  CHECK(has(join(closed_gate(), "rabbit@x"), "known are rabbit@b, rabbit@c"));
  CHECK_FALSE(join(closed_gate(), "rabbit@a").taken);
}

TEST_CASE("a node that is expected but has no pod yet may be joined") {
  formation_view view = closed_gate();
  view.expected.saw({"rabbit@a", "rabbit@z"}, now);
  CHECK(join(view, "rabbit@z").taken);
}

TEST_CASE("no order reaches an open gate, nor a node that has data or may have some") {
  formation_view view = closed_gate();
  view.gate_open = true;
  CHECK_FALSE(found(view).taken);
  CHECK(has(found(view), "open already"));

  view = closed_gate();
  view.disk.saw({.has_data = knowledge::yes}, now);
  CHECK_FALSE(join(view, "rabbit@b").taken);
  CHECK(has(join(view, "rabbit@b"), "delete its claim"));

  view.disk.saw({.has_data = knowledge::unknown, .detail = "the folder is not there"}, now);
  CHECK_FALSE(found(view).taken);
  CHECK(has(found(view), "the folder is not there"));

  view.disk = {};
  CHECK_FALSE(found(view).taken);
  view.disk.failed(
      {boost::system::errc::make_error_code(boost::system::errc::permission_denied), "/data"});
  CHECK(has(found(view), "/data"));
}
