#include "agent/domain/dns_peers.hpp"

#include "tests/support/catch.hpp"

using namespace warren::domain;
using texts = std::vector<std::string>;

namespace {

const std::string name = "rmq.shop.svc.cluster.local";

dns_view two_pods() {
  return {name,
          {{"rmq-1." + name, {"10.0.0.2", "fd00::2"}}, {"rmq-0." + name, {"10.0.0.1", "fd00::1"}}},
          {}};
}

name_rules by_hostname(std::string suffix, bool long_names) {
  return {.from = address_type::hostname,
          .hostname_suffix = std::move(suffix),
          .long_names = long_names};
}

texts nodes(const peer_list& list) {
  texts names;
  for (const peer& p : list.peers) names.push_back(p.node);
  return names;
}

}  // namespace

TEST_CASE("SRV targets are named as the endpoints of the same pods are") {
  const texts long_ones{"rabbit@rmq-0." + name, "rabbit@rmq-1." + name};
  const texts short_ones{"rabbit@rmq-0", "rabbit@rmq-1"};
  CHECK(nodes(peers_in_dns(two_pods(), by_hostname("." + name, true))) == long_ones);
  CHECK(nodes(peers_in_dns(two_pods(), by_hostname("." + name, false))) == short_ones);
  CHECK(nodes(peers_in_dns(two_pods(), by_hostname(".rmq", true))) ==
        texts{"rabbit@rmq-0.rmq", "rabbit@rmq-1.rmq"});
}

TEST_CASE("without a suffix a long name is the whole target") {
  CHECK(nodes(peers_in_dns(two_pods(), by_hostname("", true))) ==
        texts{"rabbit@rmq-0." + name, "rabbit@rmq-1." + name});
  CHECK(nodes(peers_in_dns(two_pods(), by_hostname("", false))) ==
        texts{"rabbit@rmq-0", "rabbit@rmq-1"});
}

TEST_CASE("a pod has its addresses of both families, and its name where the target tells it") {
  dns_view seen = two_pods();
  seen.hosts.push_back({"elsewhere.example", {}});
  const peer_list list = peers_in_dns(seen, by_hostname("", true));
  REQUIRE(list.peers.size() == 3);
  const peer& elsewhere = list.peers[0];
  CHECK(elsewhere.node == "rabbit@elsewhere.example");
  CHECK(elsewhere.pod.empty());
  CHECK(elsewhere.addresses.empty());
  const peer& first = list.peers[1];
  CHECK(first.pod == "rmq-0");
  CHECK(first.addresses == texts{"10.0.0.1", "fd00::1"});
  CHECK(first.ready);
  CHECK(first.serving);
  CHECK_FALSE(first.terminating);
  CHECK(list.problems.empty());
}

TEST_CASE("peers named by address get the one of the preferred family") {
  CHECK(nodes(peers_in_dns(two_pods(), {})) == texts{"rabbit@10.0.0.1", "rabbit@10.0.0.2"});
  CHECK(nodes(peers_in_dns(two_pods(), {.prefer_ipv6 = true})) ==
        texts{"rabbit@fd00::1", "rabbit@fd00::2"});
}

TEST_CASE("where addresses are all that is known, one family of them is the peers") {
  const dns_view seen{name, {}, {"10.0.0.2", "fd00::1", "10.0.0.1"}};
  CHECK(nodes(peers_in_dns(seen, {})) == texts{"rabbit@10.0.0.1", "rabbit@10.0.0.2"});
  CHECK(nodes(peers_in_dns(seen, {.prefer_ipv6 = true})) == texts{"rabbit@fd00::1"});
  const dns_view one_family{name, {}, {"10.0.0.1"}};
  CHECK(nodes(peers_in_dns(one_family, {.prefer_ipv6 = true})) == texts{"rabbit@10.0.0.1"});
}

TEST_CASE("a target that stands for an address gives no host name, and the cure is told") {
  const dns_view seen{
      name, {{"10-0-0-1." + name, {"10.0.0.1"}}, {"rmq-1." + name, {"10.0.0.2"}}}, {}};
  const peer_list list = peers_in_dns(seen, by_hostname("", true));
  CHECK(nodes(list) == texts{"rabbit@rmq-1." + name});
  REQUIRE(list.problems.size() == 1);
  CHECK(list.problem_count == 1);
  CHECK(list.problems[0].find("10.0.0.1 of " + name + " has no host name") == 0);
  CHECK(nodes(peers_in_dns(seen, {})) == texts{"rabbit@10.0.0.1", "rabbit@10.0.0.2"});
  const dns_view ipv6{name, {{"fd00--1." + name, {"fd00::1"}}}, {}};
  CHECK(peers_in_dns(ipv6, by_hostname("", true)).problem_count == 1);
}

TEST_CASE("of many problems a few are told, with their true number") {
  dns_view seen{name, {}, {}};
  for (int n = 0; n < 20; ++n) seen.addresses.push_back("10.0.0." + std::to_string(n));
  const peer_list list = peers_in_dns(seen, by_hostname("", true));
  CHECK(list.peers.empty());
  CHECK(list.problems.size() == max_problems);
  CHECK(list.problem_count == 20);
}

TEST_CASE("an empty look is an empty list") {
  CHECK(peers_in_dns({name, {}, {}}, by_hostname("", true)) == peer_list{});
}

TEST_CASE("a Service's name has the cluster's own domain, which the search list tells") {
  const texts search{"shop.svc.k8s.example.", "svc.k8s.example.", "k8s.example."};
  CHECK(service_in_dns("rmq", "shop", search) == "rmq.shop.svc.k8s.example.");
  CHECK(service_in_dns("rmq", "shop", texts{"example"}) == "rmq.shop.svc.cluster.local.");
  CHECK(service_in_dns("rmq", "", search) == "rmq");
  const texts of_svc{"svc.svc.k8s.example", "svc.k8s.example", "k8s.example"};
  CHECK(service_in_dns("rmq", "svc", of_svc) == "rmq.svc.svc.k8s.example.");
}
