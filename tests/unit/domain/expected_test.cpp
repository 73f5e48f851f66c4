#include "agent/domain/expected.hpp"

#include "tests/support/catch.hpp"

using namespace warren::domain;

TEST_CASE("the ordinal of a pod is behind its last dash") {
  CHECK(ordinal_of("rmq-12") == 12);
  CHECK(ordinal_of("my-rmq-0") == 0);
  CHECK_FALSE(ordinal_of("rmq"));
  CHECK_FALSE(ordinal_of("rmq-x"));
  CHECK_FALSE(ordinal_of("-1"));
  CHECK_FALSE(ordinal_of("rmq-1x"));
}

TEST_CASE("the nodes of a StatefulSet are named as the own one is") {
  const auto nodes = nodes_of_set("rabbit@rmq-1.rmq.shop.svc", "rmq-1", 0, 3);
  REQUIRE(nodes);
  CHECK(*nodes == std::vector<std::string>{"rabbit@rmq-0.rmq.shop.svc", "rabbit@rmq-1.rmq.shop.svc",
                                           "rabbit@rmq-2.rmq.shop.svc"});
  CHECK(*nodes_of_set("rabbit@rmq-6", "rmq-6", 5, 2) ==
        std::vector<std::string>{"rabbit@rmq-5", "rabbit@rmq-6"});
}

TEST_CASE("names by address cannot be made for pods that are not there") {
  CHECK_FALSE(nodes_of_set("rabbit@10.0.0.7", "rmq-1", 0, 3));
  CHECK_FALSE(nodes_of_set("rabbit@rmq-10", "rmq-1", 0, 3));
  CHECK_FALSE(nodes_of_set("rabbit@host", "host", 0, 3));
}

TEST_CASE("a node of the own StatefulSet tells its pod") {
  CHECK(pod_of_node("rabbit@rmq-2.rmq", "rabbit@rmq-0.rmq", "rmq-0") == "rmq-2");
  CHECK(pod_of_node("rabbit@other-2.rmq", "rabbit@rmq-0.rmq", "rmq-0").empty());
  CHECK(pod_of_node("bunny@rmq-2.rmq", "rabbit@rmq-0.rmq", "rmq-0").empty());
  CHECK(pod_of_node("rabbit@rmq-2.elsewhere", "rabbit@rmq-0.rmq", "rmq-0").empty());
}
