#include "agent/domain/problems.hpp"

#include "tests/support/catch.hpp"

using namespace warren;
using namespace std::chrono_literals;
using namespace warren::domain;

namespace {

const base::time_point start{1h};

std::vector<std::string> reasons_of(const problem_list& list) {
  std::vector<std::string> reasons;
  for (const cluster_problem& p : list.all) {
    reasons.push_back(p.reason + (p.about.empty() ? "" : " " + p.about));
  }
  return reasons;
}

// Whether a problem that is there all the time is told after that time.
bool told_after(const formation_step& decision, base::duration time) {
  problem_list seen = advance_problems({}, find_problems("a", &decision, {}), start);
  seen = advance_problems(seen, find_problems("a", &decision, {}), start + time);
  REQUIRE(seen.all.size() == 1);
  CHECK(seen.all[0].since == start);
  return seen.all[0].stands;
}

}  // namespace

TEST_CASE("a healthy cluster has no problems, and both sources say so") {
  const formation_step decision{.reason = "is a member"};
  const problem_list none = find_problems("a", &decision, cluster_picture{.groups = {{"a", "b"}}});
  CHECK(none.all.empty());
  CHECK(none.gate_knows);
  CHECK(none.cluster_knows);
}

TEST_CASE("a source that has not looked does not say that all is well") {
  CHECK_FALSE(find_problems("a", nullptr, {}).gate_knows);
  CHECK_FALSE(find_problems("a", nullptr, {}).cluster_knows);
  const formation_step none;
  CHECK_FALSE(find_problems("a", &none, cluster_picture{}).gate_knows);
  CHECK_FALSE(find_problems("a", &none, cluster_picture{}).cluster_knows);
}

TEST_CASE("everything that can be wrong with a cluster is a problem of its own, with names") {
  const problem_list found = find_problems("a", nullptr,
                                           cluster_picture{.groups = {{"a", "b"}, {"c"}},
                                                           .outside = {"c", "d"},
                                                           .partitioned = {"a from c"},
                                                           .without_pod = {"e"}});
  CHECK(reasons_of(found) ==
        std::vector<std::string>{"BrokerOutsideCluster c", "BrokerOutsideCluster d",
                                 "ClusterSplitDetected", "MemberWithoutPod", "PartitionDetected"});
  CHECK(found.all[0].note == "c runs outside the cluster of a, b");
  CHECK(found.all[2].note.find("2 groups that do not reach each other: a, b | c;") !=
        std::string::npos);
  CHECK(found.all[3].note.starts_with("e is a member of the cluster without a pod"));
  CHECK(found.all[4].note.find("a from c") != std::string::npos);
}

TEST_CASE("a split that both see is one problem, in the words of the decision") {
  const formation_step decision{.reason = "in another cluster", .problem = "ClusterSplitDetected"};
  const problem_list found =
      find_problems("a", &decision, cluster_picture{.groups = {{"a"}, {"b"}}});
  REQUIRE(found.all.size() == 1);
  CHECK(found.all[0].note == "in another cluster");
  CHECK(found.all[0].from == problem_source::gate);
}

TEST_CASE("waiting is told only once it has lasted, stale data at once") {
  CHECK_FALSE(told_after({.reason = "x", .problem = "FormationWaiting"}, 9s));
  CHECK(told_after({.reason = "x", .problem = "FormationWaiting"}, 10s));
  CHECK_FALSE(told_after({.reason = "x", .problem = "ForceBootNeeded"}, 29s));
  CHECK(told_after({.reason = "x", .problem = "StaleData"}, 0s));
}

TEST_CASE("a member is without a pod for a minute before it is told, and a return ends that") {
  const auto found = [] {
    return find_problems("a", nullptr, cluster_picture{.groups = {{"a"}}, .without_pod = {"b"}});
  };
  problem_list seen = advance_problems({}, found(), start);
  CHECK_FALSE(advance_problems(seen, found(), start + 59s).all[0].stands);
  CHECK(advance_problems(seen, found(), start + 60s).all[0].stands);

  seen = advance_problems(seen, find_problems("a", nullptr, cluster_picture{.groups = {{"a"}}}),
                          start + 59s);
  seen = advance_problems(seen, found(), start + 60s);
  CHECK(seen.all[0].since == start + 60s);
  CHECK_FALSE(seen.all[0].stands);
}

TEST_CASE("many brokers outside are not many Events") {
  cluster_picture picture{.groups = {{"a"}}};
  for (int i = 0; i < 50; ++i) picture.outside.push_back("node-" + std::to_string(i));
  CHECK(find_problems("a", nullptr, picture).all.size() == 8);
}
