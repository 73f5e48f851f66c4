// Every setting by every one of its sources, and each source before the next.
#include "agent/settings_table.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/settings_of.hpp"

#include <algorithm>

using namespace warren;
using namespace std::chrono_literals;
using agent::setting;
using agent::settings;

namespace {

// A value that is not the default, and whether settings hold it.
struct sample {
  std::string_view name;  // the flag, else the first variable
  std::string value;
  bool (*holds)(const settings&);
};

const std::vector<sample>& samples() {
  static const std::vector<sample> all{
      {"listen", "127.0.0.1:8080",
       [](const settings& s) { return s.listen.address == "127.0.0.1" && s.listen.port == 8080; }},
      {"admin-socket", "/a.sock", [](const settings& s) { return s.admin_socket == "/a.sock"; }},
      {"log-format", "json",
       [](const settings& s) { return s.log.format == agent::log_format::json; }},
      {"log-level", "warning",
       [](const settings& s) { return s.log.level == agent::log_level::warning; }},
      {"node", "hare@h", [](const settings& s) { return s.broker.node == "hare@h"; }},
      {"cookie-file", "/c", [](const settings& s) { return s.broker.cookie_file == "/c"; }},
      {"RABBITMQ_ERLANG_COOKIE", "monster",
       [](const settings& s) { return s.broker.cookie.reveal() == "monster"; }},
      {"epmd-port", "4370", [](const settings& s) { return s.broker.epmd_port == 4370; }},
      {"broker-addresses", "10.0.0.1,::2",
       [](const settings& s) {
         return s.broker.addresses == std::vector<std::string>{"10.0.0.1", "::2"};
       }},
      {"api-server", "http://[fd00::1]:8001",
       [](const settings& s) {
         return s.kubernetes.host == "fd00::1" && s.kubernetes.port == 8001 && !s.kubernetes.tls;
       }},
      {"K8S_SCHEME", "http", [](const settings& s) { return !s.kubernetes.tls; }},
      {"K8S_HOST", "api", [](const settings& s) { return s.kubernetes.host == "api"; }},
      {"K8S_PORT", "6443", [](const settings& s) { return s.kubernetes.port == 6443; }},
      {"KUBERNETES_SERVICE_HOST", "10.96.0.1",
       [](const settings& s) { return s.kubernetes.host == "10.96.0.1"; }},
      {"token-path", "/t", [](const settings& s) { return s.kubernetes.token_path == "/t"; }},
      {"cert-path", "/ca", [](const settings& s) { return s.kubernetes.ca_path == "/ca"; }},
      {"namespace-path", "/n",
       [](const settings& s) { return s.kubernetes.namespace_path == "/n"; }},
      {"pod-name", "web-7", [](const settings& s) { return s.pod.name == "web-7"; }},
      {"pod-namespace", "shop", [](const settings& s) { return s.pod.name_space == "shop"; }},
      {"pod-uid", "a-b-c", [](const settings& s) { return s.pod.uid == "a-b-c"; }},
      {"pod-ip", "fd00::9", [](const settings& s) { return s.pod.ip == "fd00::9"; }},
      {"statefulset", "web", [](const settings& s) { return s.pod.stateful_set == "web"; }},
      {"service", "bunnies", [](const settings& s) { return s.peers.service == "bunnies"; }},
      {"dns-name", "rmq.shop.", [](const settings& s) { return s.peers.dns_name == "rmq.shop."; }},
      {"dns-port-name", "amqps",
       [](const settings& s) { return s.peers.dns_port_name == "amqps"; }},
      {"expected-members", "5", [](const settings& s) { return s.peers.expected_members == 5; }},
      {"address-type", "hostname",
       [](const settings& s) { return s.peers.rules.from == domain::address_type::hostname; }},
      {"hostname-suffix", ".rmq.shop",
       [](const settings& s) { return s.peers.rules.hostname_suffix == ".rmq.shop"; }},
      {"peers-file", "/p", [](const settings& s) { return s.peers.file == "/p"; }},
      {"peers-format", "plain",
       [](const settings& s) { return s.peers.format == agent::peers_format::plain; }},
      {"peers-interval", "7s", [](const settings& s) { return s.peers.interval == 7s; }},
      {"data-dir", "/d", [](const settings& s) { return s.formation.data_dir == "/d"; }},
      {"enabled-plugins", "/e",
       [](const settings& s) { return s.formation.enabled_plugins == "/e"; }},
      {"broker-version", "4.3.6",
       [](const settings& s) { return s.formation.broker_version == "4.3.6"; }},
      {"broker-version-file", "/v",
       [](const settings& s) { return s.formation.broker_version_file == "/v"; }},
      {"found-when", "majority",
       [](const settings& s) { return s.formation.rules.majority_founds; }},
      {"formation-door-timeout", "45s",
       [](const settings& s) { return s.formation.rules.door_timeout == 45s; }},
      {"lock-duration", "20s", [](const settings& s) { return s.formation.lock_duration == 20s; }},
      {"readiness-level", "serving",
       [](const settings& s) { return s.health.level == domain::readiness_level::serving; }},
      {"liveness-alarms", "report",
       [](const settings& s) { return s.health.alarms == domain::alarm_policy::report; }},
      {"liveness-alarm-hold", "1h", [](const settings& s) { return s.health.alarm_hold == 1h; }},
      {"liveness-hang-timeout", "90",
       [](const settings& s) { return s.health.hang_timeout == 90s; }},
      {"liveness-boot-timeout", "20m",
       [](const settings& s) { return s.health.boot_timeout == 20min; }},
      {"check-interval", "250ms", [](const settings& s) { return s.intervals.check == 250ms; }},
      {"connect-interval", "3s", [](const settings& s) { return s.intervals.connect == 3s; }},
      {"members-interval", "4s", [](const settings& s) { return s.intervals.members == 4s; }},
  };
  return all;
}

// Settings that mean something only beside others have tests of their own in settings_test.cpp.
const std::vector<std::string_view> elsewhere{
    "rabbitmq-conf",           "use-longname", "peers-from", "static-peers", "peers-command",
    "KUBERNETES_SERVICE_PORT", "formation",    "conf-dir"};

std::vector<setting> all_settings() {
  std::vector<setting> all;
  for (const auto& group : agent::settings_table()) {
    all.insert(all.end(), group.settings.begin(), group.settings.end());
  }
  return all;
}

std::string name_of(const setting& s) {
  return s.flag.empty() ? s.variables().front() : std::string(s.flag);
}

// All ways to give this setting, in their order.
using give = std::function<void(testing::given_settings&, const std::string& value)>;
std::vector<give> sources_of(const setting& s) {
  std::vector<give> list;
  if (!s.flag.empty()) {
    list.emplace_back([s](testing::given_settings& g, const std::string& v) {
      g.arguments.push_back("--" + std::string(s.flag) + "=" + v);
    });
  }
  for (const std::string& name : s.variables()) {
    list.emplace_back(
        [name](testing::given_settings& g, const std::string& v) { g.variables[name] = v; });
  }
  if (!s.key.empty()) {
    list.emplace_back([s](testing::given_settings& g, const std::string& v) {
      g.conf += std::string(s.key) + " = " + v + "\n";
    });
  }
  return list;
}

}  // namespace

TEST_CASE("every setting has a test of its sources") {
  for (const setting& s : all_settings()) {
    CAPTURE(name_of(s));
    const bool here = std::ranges::find(samples(), name_of(s), &sample::name) != samples().end();
    const bool there = std::ranges::find(elsewhere, name_of(s)) != elsewhere.end();
    CHECK(here != there);
  }
  CHECK(samples().size() + elsewhere.size() == all_settings().size());
}

TEST_CASE("every setting is taken from every one of its sources") {
  for (const setting& s : all_settings()) {
    const auto sample = std::ranges::find(samples(), name_of(s), &sample::name);
    if (sample == samples().end()) continue;
    CAPTURE(name_of(s));
    CHECK_FALSE(sample->holds(testing::settings_of({})));
    for (const give& source : sources_of(s)) {
      testing::given_settings given;
      source(given, sample->value);
      CHECK(sample->holds(testing::settings_of(given)));
    }
  }
}

TEST_CASE("every source counts before those behind it, and those are not even looked at") {
  for (const setting& s : all_settings()) {
    const auto sample = std::ranges::find(samples(), name_of(s), &sample::name);
    if (sample == samples().end()) continue;
    CAPTURE(name_of(s));
    const std::vector<give> sources = sources_of(s);
    for (std::size_t first = 0; first < sources.size(); ++first) {
      testing::given_settings given;
      sources[first](given, sample->value);
      for (std::size_t i = first + 1; i < sources.size(); ++i) sources[i](given, "?bad value?");
      CHECK(sample->holds(testing::settings_of(given)));
    }
  }
}

TEST_CASE("a bad value is named with its source and with what is allowed, from every source") {
  for (const setting& s : all_settings()) {
    if (s.value.allowed == "a path" || s.flag == "peers-command") continue;
    CAPTURE(name_of(s));
    for (const give& source : sources_of(s)) {
      testing::given_settings given;
      source(given, "?bad value?");
      const auto problems = testing::problems_of(given);
      REQUIRE(problems.size() == 1);
      CHECK(problems[0].find(s.secret ? "(not shown): must be " : "?bad value?") !=
            std::string::npos);
      CHECK(problems[0].find("must be " + s.value.allowed) != std::string::npos);
      CHECK((problems[0].find("bad") != std::string::npos) == !s.secret);
    }
  }
}

TEST_CASE("every setting has another name, a meaning, and a default that is allowed") {
  std::vector<std::string> names;
  for (const setting& s : all_settings()) {
    CAPTURE(name_of(s));
    CHECK_FALSE(s.meaning.empty());
    agent::settings_draft draft;
    if (!s.fallback.empty()) CHECK(s.value.set(draft, std::string(s.fallback)));
    for (const std::string& name : s.variables()) names.push_back(name);
    if (!s.key.empty()) names.emplace_back(s.key);
  }
  std::ranges::sort(names);
  CHECK(std::ranges::adjacent_find(names) == names.end());
}
