#include "agent/settings.hpp"

#include "agent/domain/doors.hpp"
#include "agent/peers_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/settings_of.hpp"

using namespace warren;
using namespace std::chrono_literals;
using agent::settings;
using testing::problems_of;
using testing::settings_of;

namespace {
using names = std::vector<std::string>;
}

TEST_CASE("without any source the defaults hold") {
  const settings s = settings_of({});
  CHECK(s.listen.address == "::");
  CHECK(s.listen.port == 15690);
  CHECK(s.broker.node == "rabbit@rmq-0");
  CHECK(s.broker.cookie_file == "/var/lib/rabbitmq/.erlang.cookie");
  CHECK(s.broker.epmd_port == 4369);
  CHECK(s.broker.addresses == names{"127.0.0.1", "::1"});
  CHECK(s.kubernetes.tls);
  CHECK(s.kubernetes.host == "kubernetes.default.svc.cluster.local");
  CHECK(s.kubernetes.port == 443);
  CHECK(s.kubernetes.token_path == "/var/run/secrets/kubernetes.io/serviceaccount/token");
  CHECK(s.pod.name == "rmq-0");
  CHECK(s.pod.stateful_set == "rmq");
  CHECK(s.peers.service == "rabbitmq");
  CHECK(s.peers.rules.from == domain::address_type::ip);
  CHECK(s.peers.rules.prefix == "rabbit");
  CHECK(s.peers.interval == 5s);
  CHECK(s.health.level == domain::readiness_level::ping);
  CHECK(s.health.alarms == domain::alarm_policy::fail);
  CHECK(s.health.hang_timeout == 30s);
  CHECK(s.health.boot_timeout == 300s);
  CHECK(s.intervals.check == 500ms);
}

TEST_CASE("all problems are named at once") {
  testing::given_settings given;
  given.arguments = {"--check-interval=50ms", "--no-such=1", "stray", "--log-level"};
  given.variables = {{"WARREN_LISTEN", "localhost:80"},
                     {"K8S_SERVICE_NAME", "Rabbits/../x"},
                     {"POD_IP", "10.0.0"}};
  given.conf = "\ncluster_formation.k8s.address_type = dns\n";
  CHECK(problems_of(given) ==
        names{"--no-such=1: no such flag", "stray: unexpected argument",
              "--log-level: needs a value",
              "WARREN_LISTEN=localhost:80: must be an IP address and a port, like [::]:15690 or "
              "0.0.0.0:15690",
              "POD_IP=10.0.0: must be an IP address",
              "K8S_SERVICE_NAME=Rabbits/../x: must be a Service's name",
              "cluster_formation.k8s.address_type = dns (/etc/rabbitmq/rabbitmq.conf line 2): must "
              "be hostname or ip",
              "--check-interval=50ms: must be a duration from 100ms to 10s"});
}

TEST_CASE("an empty variable counts as not set") {
  testing::given_settings given;
  given.variables = {{"WARREN_SERVICE", ""}, {"K8S_SERVICE_NAME", "rmq"}, {"POD_IP", ""}};
  CHECK(settings_of(given).peers.service == "rmq");
}

TEST_CASE("a flag takes its value behind a blank too, and the last of several counts") {
  CHECK(settings_of({.arguments = {"--service", "a", "--service=b", "--log-level", "error"}})
            .peers.service == "b");
}

TEST_CASE("the secret cookie is never part of a problem") {
  testing::given_settings given;
  given.variables = {{"RABBITMQ_ERLANG_COOKIE", "two words"}};
  const names problems = problems_of(given);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].find("two") == std::string::npos);
  given.variables = {{"RABBITMQ_ERLANG_COOKIE", "  one\n"}};
  CHECK(settings_of(given).broker.cookie.reveal() == "one");
}

TEST_CASE("the peers come from Kubernetes, DNS or a list, and from nothing else") {
  CHECK(settings_of({}).peers.source == agent::peer_source::kubernetes);
  CHECK(settings_of({.arguments = {"--peers-from=dns"}}).peers.source == agent::peer_source::dns);
  const names problems = problems_of({.variables = {{"WARREN_PEERS_FROM", "consul"}}});
  CHECK(problems == names{"WARREN_PEERS_FROM=consul: must be kubernetes, dns or static"});
}

TEST_CASE("a list keeps its order, and a host in it becomes a node name as an endpoint's does") {
  testing::given_settings given;
  given.arguments = {"--peers-from=static", "--static-peers=rmq-2, hare@rmq-0.x,rmq-0"};
  CHECK(settings_of(given).peers.nodes == names{"rabbit@rmq-2", "hare@rmq-0.x", "rabbit@rmq-0"});
  CHECK(settings_of(given).peers.expected_members == 3);
  given.variables = {{"RABBITMQ_USE_LONGNAME", "true"}, {"K8S_HOSTNAME_SUFFIX", ".rmq.shop"}};
  CHECK(settings_of(given).peers.nodes ==
        names{"rabbit@rmq-2.rmq.shop", "hare@rmq-0.x", "rabbit@rmq-0.rmq.shop"});
  given.arguments.emplace_back("--expected-members=5");
  CHECK(settings_of(given).peers.expected_members == 5);
}

TEST_CASE("the list of rabbitmq.conf is in the order of its numbers, over all files") {
  testing::given_settings given;
  given.arguments = {"--peers-from=static"};
  given.conf =
      "cluster_formation.classic_config.nodes.10 = rabbit@rmq-2\n"
      "cluster_formation.classic_config.nodes.2 = rabbit@rmq-1\n"
      "cluster_formation.classic_config.nodes.last = rabbit@rmq-3\n";
  given.conf_d = {{"10.conf", "cluster_formation.classic_config.nodes.1 = rabbit@rmq-0\n"}};
  const names all{"rabbit@rmq-0", "rabbit@rmq-1", "rabbit@rmq-2", "rabbit@rmq-3"};
  CHECK(settings_of(given).peers.nodes == all);
  given.conf_d[0].text = "cluster_formation.classic_config.nodes.1 = rabbit@?\n";
  CHECK(problems_of(given) ==
        names{"cluster_formation.classic_config.nodes.1 = rabbit@? (10.conf line 1) and the keys "
              "like it: must be 1 to 99 node names or hosts, separated by commas"});
}

TEST_CASE("a list that an agent wrote into conf.d does not come back as a setting") {
  testing::given_settings given;
  given.arguments = {"--peers-from=static"};
  given.conf = "cluster_formation.classic_config.nodes.1 = rabbit@rmq-0\n";
  given.conf_d = {{"50.conf", std::string(agent::written_by_warren) +
                                  "\ncluster_formation.classic_config.nodes.1 = rabbit@rmq-9\n"}};
  CHECK(settings_of(given).peers.nodes == names{"rabbit@rmq-0"});
  const domain::door door{.kind = domain::door_kind::classic, .target = "rabbit@rmq-9"};
  given.conf_d[0].text = domain::door_text(door, "rabbit@rmq-0");
  CHECK(settings_of(given).peers.nodes == names{"rabbit@rmq-0"});
}

TEST_CASE("a list must be there, have this node, and have each node once") {
  CHECK(problems_of({.arguments = {"--peers-from=static"}}) ==
        names{"--peers-from=static: needs the peers in --static-peers, WARREN_STATIC_PEERS or "
              "cluster_formation.classic_config.nodes.N"});
  CHECK(problems_of({.arguments = {"--peers-from=static", "--static-peers=rmq-1,rmq-2"}}) ==
        names{"--static-peers=rmq-1,rmq-2: must have this node, rabbit@rmq-0; the first in it is "
              "rabbit@rmq-1"});
  CHECK(problems_of({.arguments = {"--peers-from=static", "--static-peers=rmq-0,rmq-0.a"}}) ==
        names{"--static-peers=rmq-0,rmq-0.a: has rabbit@rmq-0 twice"});
  std::string many = "rmq-0";
  for (int n = 1; n < 100; ++n) many += ",rmq-" + std::to_string(n);
  CHECK(problems_of({.arguments = {"--static-peers=" + many}}).size() == 1);
  CHECK(problems_of({.arguments = {"--static-peers=rmq-1"}}).empty());
}

TEST_CASE("expected members are 1 to 99") {
  for (const char* value : {"0", "100", "3.0", "-1", "three"}) {
    CAPTURE(value);
    CHECK(problems_of({.variables = {{"WARREN_EXPECTED_MEMBERS", value}}}).size() == 1);
  }
  CHECK(settings_of({}).peers.expected_members == std::nullopt);
}

TEST_CASE("the node gets its host from the host name where it has none") {
  CHECK(settings_of({.host_name = "rmq-3.rmq.shop.svc"}).broker.node == "rabbit@rmq-3");
  const settings s = settings_of({.variables = {{"RABBITMQ_NODENAME", "hare"}}});
  CHECK(s.broker.node == "hare@rmq-0");
  CHECK(s.peers.rules.prefix == "hare");
  const settings whole = settings_of({.variables = {{"RABBITMQ_NODENAME", "hare@box"}}});
  CHECK(whole.broker.node == "hare@box");
  CHECK(whole.peers.rules.prefix == "hare");
}

TEST_CASE(
    "with long names the host gets the suffix that its peers get, unless it is long already") {
  testing::given_settings given;
  given.variables = {{"RABBITMQ_USE_LONGNAME", "true"}, {"K8S_HOSTNAME_SUFFIX", ".rmq.shop"}};
  const settings s = settings_of(given);
  CHECK(s.broker.node == "rabbit@rmq-0.rmq.shop");
  CHECK(s.broker.long_names);
  CHECK(s.peers.rules.long_names);
  given.host_name = "rmq-0.rmq.shop.svc.cluster.local";
  CHECK(settings_of(given).broker.node == "rabbit@rmq-0.rmq.shop.svc.cluster.local");
}

TEST_CASE("a node whose host has a dot has a long name, an IP address either") {
  CHECK(settings_of({.arguments = {"--node=rabbit@a.b"}}).broker.long_names);
  CHECK_FALSE(settings_of({.arguments = {"--node=rabbit@10.0.0.1"}}).broker.long_names);
  CHECK(problems_of({.arguments = {"--node=rabbit@10.0.0.1", "--use-longname=true"}}).empty());
  CHECK(problems_of({.arguments = {"--node=rabbit@fd00::1"}}).empty());
}

TEST_CASE("a node name that Erlang would refuse is a problem with its cure") {
  const names no_dot = problems_of({.variables = {{"RABBITMQ_USE_LONGNAME", "1"}}});
  REQUIRE(no_dot.size() == 1);
  CHECK(no_dot[0].find("K8S_HOSTNAME_SUFFIX") != std::string::npos);
  const names dot = problems_of({.arguments = {"--node=rabbit@a.b", "--use-longname=no"}});
  REQUIRE(dot.size() == 1);
  CHECK(dot[0].find("RABBITMQ_USE_LONGNAME=true") != std::string::npos);
}

TEST_CASE("the API server is the given one, else the plugin's, else kubelet's") {
  testing::given_settings given;
  given.variables = {{"KUBERNETES_SERVICE_HOST", "10.96.0.1"}, {"KUBERNETES_SERVICE_PORT", "6443"}};
  settings s = settings_of(given);
  CHECK(s.kubernetes.host == "10.96.0.1");
  CHECK(s.kubernetes.port == 6443);

  given.conf = "cluster_formation.k8s.host = kubernetes.default\n";
  s = settings_of(given);
  CHECK(s.kubernetes.host == "kubernetes.default");
  CHECK(s.kubernetes.port == 443);

  given.variables["K8S_PORT"] = "8443";
  given.variables["K8S_SCHEME"] = "http";
  s = settings_of(given);
  CHECK(s.kubernetes.port == 8443);
  CHECK_FALSE(s.kubernetes.tls);

  given.arguments = {"--api-server=https://[fd00::1]"};
  s = settings_of(given);
  CHECK(s.kubernetes.host == "fd00::1");
  CHECK(s.kubernetes.port == 443);
  CHECK(s.kubernetes.tls);
}

TEST_CASE("the pod's address is one of the broker's, and its family names pods that have both") {
  const settings s = settings_of({.variables = {{"POD_IP", "fd00::9"}}});
  CHECK(s.broker.addresses == names{"127.0.0.1", "::1", "fd00::9"});
  CHECK(s.peers.rules.prefer_ipv6);
  CHECK_FALSE(settings_of({.variables = {{"POD_IP", "10.0.0.9"}}}).peers.rules.prefer_ipv6);
}

TEST_CASE("without the pod's address the broker is looked for on the own interfaces") {
  testing::given_settings given;
  given.own_addresses = {"10.0.0.9", "fd00::9"};
  CHECK(settings_of(given).broker.addresses == names{"127.0.0.1", "::1", "10.0.0.9", "fd00::9"});
  given.variables = {{"POD_IP", "10.0.0.7"}};
  CHECK(settings_of(given).broker.addresses == names{"127.0.0.1", "::1", "10.0.0.7"});
  given.variables = {{"WARREN_BROKER_ADDRESSES", "10.0.0.8"}};
  CHECK(settings_of(given).broker.addresses == names{"10.0.0.8"});
}

TEST_CASE("a hang is not told before three checks could have been answered") {
  const names problems =
      problems_of({.arguments = {"--liveness-hang-timeout=32s", "--check-interval=10s"}});
  CHECK(problems == names{"--liveness-hang-timeout=32s: must be at least 33s with "
                          "--check-interval=10s"});
  CHECK(
      problems_of({.arguments = {"--liveness-hang-timeout=33s", "--check-interval=10s"}}).empty());
}

TEST_CASE("the StatefulSet is the pod's name without its ordinal") {
  const auto set_of = [](const std::string& pod) {
    return settings_of({.arguments = {"--pod-name=" + pod}}).pod.stateful_set;
  };
  CHECK(set_of("my-rmq-12") == "my-rmq");
  CHECK(set_of("rmq") == "");
  CHECK(set_of("rmq-7f9c") == "");
}

TEST_CASE("a command on change needs a file that changes") {
  const names problems = problems_of({.arguments = {"--peers-command=/bin/reload now"}});
  REQUIRE(problems.size() == 1);
  CHECK(problems[0] ==
        "--peers-command=/bin/reload now: needs --peers-file, whose changes it is run on");
  const settings s =
      settings_of({.arguments = {"--peers-command=/bin/reload  now", "--peers-file=/p"}});
  CHECK(s.peers.command == names{"/bin/reload", "now"});
}

TEST_CASE("observations may be three looks old, and five seconds at least") {
  CHECK(settings_of({}).health.stale_after == 5s);
  CHECK(settings_of({}).health.ports_stale_after == 30s);
  CHECK(settings_of({.arguments = {"--check-interval=4s"}}).health.stale_after == 12s);
}

TEST_CASE("a missing rabbitmq.conf is a problem only where it was asked for") {
  const base::error_code missing =
      boost::system::errc::make_error_code(boost::system::errc::no_such_file_or_directory);
  const base::error_code denied =
      boost::system::errc::make_error_code(boost::system::errc::permission_denied);
  testing::given_settings given;
  given.conf_failures = {{missing, "/etc/rabbitmq/rabbitmq.conf"}};
  CHECK(problems_of(given).empty());

  given.conf_failures = {{denied, "/etc/rabbitmq/rabbitmq.conf"}};
  REQUIRE(problems_of(given).size() == 1);
  CHECK(problems_of(given)[0].find("cannot read /etc/rabbitmq/rabbitmq.conf: ") == 0);

  given.conf_failures = {{missing, "/x"}};
  given.variables = {{"WARREN_RABBITMQ_CONF", "/x"}};
  REQUIRE(problems_of(given).size() == 1);
  CHECK(problems_of(given)[0].find("WARREN_RABBITMQ_CONF=/x: cannot read /x: ") == 0);
}

TEST_CASE("of duplicate keys the last counts, and conf.d comes behind rabbitmq.conf") {
  testing::given_settings given;
  given.conf = "cluster_formation.k8s.service_name = a\ncluster_formation.k8s.service_name = 'b'\n";
  CHECK(settings_of(given).peers.service == "b");
  given.conf_d = {{"/etc/rabbitmq/conf.d/10.conf", "cluster_formation.k8s.service_name = c # c\n"},
                  {"/etc/rabbitmq/conf.d/20.conf", "unknown.key = 1\n"}};
  CHECK(settings_of(given).peers.service == "c");
  given.conf_d[1].text = "cluster_formation.k8s.service_name = C\n";
  REQUIRE(problems_of(given).size() == 1);
  CHECK(problems_of(given)[0].find("= C (/etc/rabbitmq/conf.d/20.conf line 1): must be") !=
        std::string::npos);
}

TEST_CASE("the help text has every flag with its variable and its default") {
  const std::string help = agent::settings_help();
  for (const char* part : {"--liveness-hang-timeout", "WARREN_LIVENESS_HANG_TIMEOUT", "30s",
                           "K8S_SERVICE_NAME", "Health", "a duration from 100ms to 10s"}) {
    CAPTURE(part);
    CHECK(help.find(part) != std::string::npos);
  }
}

TEST_CASE("the gate is there where its folder is set or it is asked for, and needs the pod's uid") {
  using agent::formation_mode;
  testing::given_settings given;
  CHECK(settings_of(given).formation.mode == formation_mode::observe);
  CHECK(settings_of(given).formation.conf_dir == "/etc/rabbitmq/conf.d");
  given.variables = {{"WARREN_CONF_DIR", "/conf"}, {"POD_UID", "a-b"}};
  CHECK(settings_of(given).formation.mode == formation_mode::gate);
  CHECK(settings_of(given).formation.conf_dir == "/conf");
  given.arguments = {"--formation=observe"};
  CHECK(settings_of(given).formation.mode == formation_mode::observe);
  given.arguments = {"--formation=gate"};
  given.variables = {{"POD_UID", "a-b"}};
  CHECK(settings_of(given).formation.mode == formation_mode::gate);

  given.variables.clear();
  const names problems = problems_of(given);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].find("fieldPath: metadata.uid") != std::string::npos);
}

TEST_CASE("the gate and a peer file in one conf.d are a problem") {
  testing::given_settings given;
  given.variables = {{"WARREN_CONF_DIR", "/conf/"}, {"POD_UID", "a-b"}};
  given.arguments = {"--peers-file=/conf/50-peers.conf"};
  const names problems = problems_of(given);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].starts_with("--peers-file=/conf/50-peers.conf: the start gate writes "));
  given.arguments = {"--peers-file=/conf/../other/50-peers.conf"};
  CHECK(problems_of(given).empty());
  given.arguments = {"--peers-file=/conf/peers", "--peers-format=plain"};
  CHECK(problems_of(given).empty());
  given.arguments = {"--peers-file=/conf/50-peers.conf", "--formation=observe"};
  CHECK(problems_of(given).empty());
}

TEST_CASE("a broker's version is two or three numbers, as they begin an image's tag") {
  for (const char* good : {"4.3", "4.3.6", "3.13.7", "4.0.5-management-alpine", "4.3.0+rc.1"}) {
    CAPTURE(good);
    CHECK(settings_of({.arguments = {"--broker-version", good}}).formation.broker_version == good);
  }
  for (const char* bad : {"4", "4.", ".4.3", "4..3", "4.3.6.1", "v4.3", "latest", "4.3 6", "4.3-",
                          "4.3.6-a b", "4.3456"}) {
    CAPTURE(bad);
    CHECK(problems_of({.arguments = {"--broker-version", bad}}).size() == 1);
  }
}
