#include "agent/domain/peers.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>

using namespace warren::domain;

namespace {

name_rules short_names() {
  return {.from = address_type::hostname};
}
name_rules long_names() {
  return {.from = address_type::hostname, .hostname_suffix = ".rmq.shop", .long_names = true};
}

endpoint_view pod(std::string name, std::string address) {
  return {.address = std::move(address), .hostname = name, .pod = name, .uid = "uid-" + name};
}

}  // namespace

TEST_CASE("what has an @ is a node name already") {
  CHECK(node_name("bunny@host.example", short_names()) == "bunny@host.example");
  CHECK(node_name("bunny@host", {.hostname_suffix = ".svc"}) == "bunny@host.svc");
}

TEST_CASE("a short name ends at the first dot, after the suffix was appended") {
  CHECK(node_name("rmq-0", short_names()) == "rabbit@rmq-0");
  CHECK(node_name("rmq-0.rmq.shop.svc", short_names()) == "rabbit@rmq-0");
  CHECK(node_name("rmq-0", {.hostname_suffix = ".rmq.shop"}) == "rabbit@rmq-0");
  CHECK(node_name("rmq-0", {.hostname_suffix = "-x.rmq"}) == "rabbit@rmq-0-x");
}

TEST_CASE("a long name is kept whole") {
  CHECK(node_name("rmq-0", long_names()) == "rabbit@rmq-0.rmq.shop");
  CHECK(node_name("10.0.0.7", {.long_names = true}) == "rabbit@10.0.0.7");
}

TEST_CASE("the prefix comes from RABBITMQ_NODENAME") {
  CHECK(node_name("rmq-0", {.prefix = "hare"}) == "hare@rmq-0");
}

TEST_CASE("an IPv4 literal is kept whole with short names, and only a strict one") {
  CHECK(node_name("10.0.0.7", {}) == "rabbit@10.0.0.7");
  CHECK(node_name("10.0.0.07", {}) == "rabbit@10");
  CHECK(node_name("10.0.0.256", {}) == "rabbit@10");
  CHECK(node_name("10.0.0", {}) == "rabbit@10");
  CHECK(node_name("10.0.0.7", {.hostname_suffix = ".svc"}) == "rabbit@10");
}

TEST_CASE("an IPv6 literal is kept whole as IPv4 is") {
  CHECK(node_name("fd00::7", {}) == "rabbit@fd00::7");
  CHECK(node_name("::ffff:10.0.0.7", {}) == "rabbit@::ffff:10.0.0.7");
  CHECK(node_name("fd00::7", {.long_names = true}) == "rabbit@fd00::7");
}

TEST_CASE("the slices of both address families make one peer for each pod") {
  const std::vector<endpoint_view> endpoints{pod("rmq-1", "10.0.0.2"), pod("rmq-0", "10.0.0.1"),
                                             pod("rmq-0", "fd00::1"), pod("rmq-1", "fd00::2")};
  const peer_list list = compute_peers(endpoints, short_names());
  REQUIRE(list.peers.size() == 2);
  CHECK(list.peers[0].node == "rabbit@rmq-0");
  CHECK(list.peers[0].pod == "rmq-0");
  CHECK(list.peers[0].uid == "uid-rmq-0");
  CHECK(list.peers[0].addresses == std::vector<std::string>{"10.0.0.1", "fd00::1"});
  CHECK(list.peers[1].node == "rabbit@rmq-1");
  CHECK(list.problems.empty());
}

TEST_CASE("with address_type ip the family of the own address names a pod that has both") {
  const std::vector<endpoint_view> endpoints{pod("rmq-0", "fd00::1"), pod("rmq-0", "10.0.0.1")};
  CHECK(compute_peers(endpoints, {}).peers.front().node == "rabbit@10.0.0.1");
  const peer_list six = compute_peers(endpoints, {.prefer_ipv6 = true});
  REQUIRE(six.peers.size() == 1);
  CHECK(six.peers[0].node == "rabbit@fd00::1");
  CHECK(six.peers[0].addresses == std::vector<std::string>{"fd00::1", "10.0.0.1"});
}

TEST_CASE("an endpoint in two slices is ready if one of them says so") {
  std::vector<endpoint_view> endpoints{pod("rmq-0", "10.0.0.1"), pod("rmq-0", "10.0.0.1")};
  endpoints[0].ready = endpoints[0].serving = false;
  const peer_list list = compute_peers(endpoints, short_names());
  REQUIRE(list.peers.size() == 1);
  CHECK(list.peers[0].ready);
  CHECK(list.peers[0].serving);
  CHECK(list.peers[0].addresses.size() == 1);
}

TEST_CASE("a pod that is not ready is a peer, and a terminating one is marked") {
  std::vector<endpoint_view> endpoints{pod("rmq-0", "10.0.0.1"), pod("rmq-1", "10.0.0.2")};
  endpoints[0].ready = endpoints[0].serving = false;
  endpoints[1].terminating = true;
  const peer_list list = compute_peers(endpoints, short_names());
  REQUIRE(list.peers.size() == 2);
  CHECK_FALSE(list.peers[0].ready);
  CHECK_FALSE(list.peers[0].terminating);
  CHECK(list.peers[1].terminating);
}

TEST_CASE("without uid the host name joins, and without both the address") {
  const std::vector<endpoint_view> endpoints{{.address = "10.0.0.1", .hostname = "rmq-0"},
                                             {.address = "fd00::1", .hostname = "rmq-0"},
                                             {.address = "10.0.0.2"},
                                             {.address = "10.0.0.2"}};
  const peer_list list = compute_peers(endpoints, {});
  REQUIRE(list.peers.size() == 2);
  CHECK(list.peers[0].node == "rabbit@10.0.0.1");
  CHECK(list.peers[1].node == "rabbit@10.0.0.2");
}

TEST_CASE("a pod that replaces another under the same name takes its place") {
  endpoint_view old = pod("rmq-0", "10.0.0.1");
  old.terminating = true;
  endpoint_view fresh = pod("rmq-0", "10.0.0.9");
  fresh.uid = "uid-new";
  fresh.ready = fresh.serving = false;
  for (const auto& endpoints : {std::vector{old, fresh}, std::vector{fresh, old}}) {
    const peer_list list = compute_peers(endpoints, short_names());
    REQUIRE(list.peers.size() == 1);
    CHECK(list.peers[0].uid == "uid-new");
    CHECK_FALSE(list.peers[0].terminating);
  }
}

TEST_CASE("a missing host name is a problem with its cure, not a peer") {
  std::vector<endpoint_view> endpoints{pod("rmq-0", "10.0.0.1"), pod("rmq-1", "10.0.0.2")};
  endpoints[1].hostname.clear();
  const peer_list list = compute_peers(endpoints, short_names());
  CHECK(list.peers.size() == 1);
  REQUIRE(list.problems.size() == 1);
  CHECK(list.problems[0].find("pod rmq-1 (10.0.0.2) has no host name") == 0);
  CHECK(list.problems[0].find("serviceName") != std::string::npos);
}

TEST_CASE("an endpoint without any address gives no name by ip") {
  const std::vector<endpoint_view> endpoints{{.hostname = "rmq-0", .pod = "rmq-0"}};
  const peer_list list = compute_peers(endpoints, {});
  CHECK(list.peers.empty());
  CHECK(list.problem_count == 1);
  CHECK(compute_peers(endpoints, short_names()).peers.size() == 1);
}

TEST_CASE("a name that could break out of the broker's configuration is refused") {
  for (const char* name :
       {"rmq\nloopback_users = none", "a b", "rmq=0", "rmq#0", "r\xc3\xa4", "."}) {
    CAPTURE(name);
    const std::vector<endpoint_view> endpoints{{.address = "10.0.0.1", .hostname = name}};
    const peer_list list = compute_peers(endpoints, short_names());
    CHECK(list.peers.empty());
    CHECK(list.problem_count == 1);
  }
}

TEST_CASE("the list of problems is bounded and says how many there are") {
  std::vector<endpoint_view> endpoints;
  for (int i = 0; i < 100; ++i) {
    endpoints.push_back({.address = "10.0.0." + std::to_string(i), .pod = "p" + std::to_string(i)});
  }
  const peer_list list = compute_peers(endpoints, short_names());
  CHECK(list.problems.size() == max_problems);
  CHECK(list.problem_count == 100);
}

TEST_CASE("the order of the endpoints changes nothing") {
  std::vector<endpoint_view> endpoints;
  for (int i = 0; i < 6; ++i) {
    const std::string n = std::to_string(i);
    endpoints.push_back(pod("rmq-" + n, "10.0.0." + n));
    endpoints.push_back(pod("rmq-" + n, "fd00::" + n));
    endpoints.push_back({.address = "10.0.1." + n, .pod = "stray-" + n});
  }
  const peer_list expected = compute_peers(endpoints, short_names());
  CHECK(expected.peers.size() == 6);
  for (std::size_t turn = 1; turn < endpoints.size(); ++turn) {
    std::ranges::rotate(endpoints, endpoints.begin() + 1);
    CHECK(compute_peers(endpoints, short_names()) == expected);
  }
}

TEST_CASE("no endpoints give no peers") {
  CHECK(compute_peers({}, {}) == peer_list{});
}
