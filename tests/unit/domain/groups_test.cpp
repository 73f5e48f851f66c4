#include "agent/domain/groups.hpp"

#include "tests/support/catch.hpp"

using namespace warren;
using namespace std::chrono_literals;
using namespace warren::domain;

namespace {

using names = std::vector<std::string>;
const base::time_point now{1h};

cluster_sight sight(std::string node, names members, names running, std::string id = "one") {
  return {.node = std::move(node), .cluster_id = std::move(id), .cluster = {members, running, {}}};
}

cluster_picture picture(const std::vector<cluster_sight>& sights, const std::string& record = "",
                        const peer_list* pods = nullptr) {
  return picture_of(sights, record, pods);
}

peer_list pods_of(const names& nodes) {
  peer_list list;
  for (const std::string& node : nodes) list.peers.push_back({.node = node});
  return list;
}

base::observed<broker_facts> member_of(names members, base::time_point seen_at = now) {
  base::observed<broker_facts> seen;
  seen.saw({.state = presence::runs,
            .boot = boot_state::ready,
            .cluster_id = "one",
            .cluster = membership{members, members, {}}},
           seen_at);
  return seen;
}

}  // namespace

TEST_CASE("members that reach each other are one group, whole or not") {
  const names all{"a", "b", "c"};
  const cluster_picture whole = picture({sight("a", all, all), sight("b", all, all)});
  CHECK(whole == cluster_picture{.groups = {{"a", "b"}}});
  CHECK(picture({}).groups.empty());
}

TEST_CASE("a broker that has just come is of the group as soon as one of the two sees the other") {
  const names all{"a", "b"};
  CHECK(picture({sight("a", {"a"}, {"a"}), sight("b", all, all)}).groups.size() == 1);
  CHECK(picture({sight("a", all, {"a"}), sight("b", all, {"a", "b"})}).groups.size() == 1);
}

TEST_CASE(
    "a member between two that do not see each other keeps them one group, seen last or not") {
  const names all{"a", "b", "c"};
  const cluster_sight a = sight("a", all, {"a", "b"});
  const cluster_sight b = sight("b", all, all);
  const cluster_sight c = sight("c", all, {"b", "c"});
  CHECK(picture({a, b, c}).groups == std::vector<names>{all});
  CHECK(picture({a, c, b}).groups == std::vector<names>{all});
}

TEST_CASE("a partition makes two groups of one cluster, the larger first, and nobody is outside") {
  const names all{"a", "b", "c"};
  std::vector<cluster_sight> sights{sight("a", all, {"a"}), sight("b", all, {"b", "c"}),
                                    sight("c", all, {"b", "c"})};
  sights[0].cluster.partitioned = {"b", "c"};
  const cluster_picture seen = picture(sights);
  CHECK(seen.groups == std::vector<names>{{"b", "c"}, {"a"}});
  CHECK(seen.outside.empty());
  CHECK(seen.partitioned == names{"a from b", "a from c"});
}

TEST_CASE("a second cluster is outside: by the record, else the smaller one") {
  const std::vector<cluster_sight> sights{sight("a", {"a"}, {"a"}, "other"),
                                          sight("b", {"b", "c"}, {"b", "c"}),
                                          sight("c", {"b", "c"}, {"b", "c"})};
  CHECK(picture(sights).groups == std::vector<names>{{"b", "c"}, {"a"}});
  CHECK(picture(sights).outside == names{"a"});
  CHECK(picture(sights, "other").groups == std::vector<names>{{"a"}, {"b", "c"}});
  CHECK(picture(sights, "other").outside == names{"b", "c"});
}

TEST_CASE("of two that know no id the first by name is taken for the cluster") {
  const std::vector<cluster_sight> sights{sight("b", {"b"}, {"b"}, ""),
                                          sight("a", {"a"}, {"a"}, "")};
  CHECK(picture(sights).groups == std::vector<names>{{"a"}, {"b"}});
  CHECK(picture(sights).outside == names{"b"});
}

TEST_CASE("all that runs is outside where the record names another cluster") {
  CHECK(picture({sight("a", {"a"}, {"a"})}, "lost").outside == names{"a"});
}

TEST_CASE("a broker that stands alone before it joins is outside and no group") {
  std::vector<cluster_sight> sights{sight("a", {"a"}, {"a"}), sight("b", {"b"}, {"b"}, "b")};
  sights[1].joins = true;
  CHECK(picture(sights).groups == std::vector<names>{{"a"}});
  CHECK(picture(sights).outside == names{"b"});
}

TEST_CASE("a member without a pod is one of the cluster that is not listed and not seen to run") {
  const names all{"a", "b", "c"};
  const peer_list pods = pods_of({"a", "b"});
  CHECK(picture({sight("a", all, all)}, "", &pods).without_pod == names{"c"});
  CHECK(picture({sight("a", all, all), sight("c", all, all)}, "", &pods).without_pod.empty());
  CHECK(picture({sight("a", all, all)}).without_pod.empty());
}

TEST_CASE("only brokers that run as members and were seen of late are looked at") {
  peer_sights peers;
  peers["b"].broker = member_of({"a", "b"});
  peers["c"].broker = member_of({"a", "c"}, now - 31s);
  peers["d"].broker = member_of({"a", "d"});
  peers["d"].broker.value->boot = boot_state::booting;
  peers["e"].broker = member_of({"a", "e"});
  peers["e"].broker.failed({});
  peers["f"].broker.saw({.state = presence::runs_not}, now);
  const auto sights = cluster_sights("a", member_of({"a", "b"}), {}, peers, now);
  REQUIRE(sights.size() == 2);
  CHECK(sights[0].node == "a");
  CHECK(sights[1].node == "b");
  CHECK(cluster_sights("a", {}, {}, {}, now).empty());
}

TEST_CASE("whether a broker alone has yet to join is said by its mark, if its own agent shows it") {
  const mark joining{.node = "b", .state = mark_state::joining};
  CHECK(cluster_sights("a", member_of({"a"}), joining, {}, now)[0].joins);
  CHECK_FALSE(cluster_sights("a", member_of({"a", "b"}), joining, {}, now)[0].joins);
  CHECK_FALSE(cluster_sights("a", member_of({"a"}), {}, {}, now)[0].joins);

  peer_sights peers;
  peers["b"].pod_uid = "u2";
  peers["b"].broker = member_of({"b"});
  peers["b"].agent.saw({.pod_uid = "u2", .mark = joining}, now);
  CHECK(cluster_sights("a", {}, {}, peers, now)[0].joins);
  peers["b"].agent.value->pod_uid = "u1";
  CHECK_FALSE(cluster_sights("a", {}, {}, peers, now)[0].joins);
}
