#include "agent/render.hpp"

#include "agent/settings_table.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/settings_of.hpp"

using namespace warren;
using agent::render_format;
using testing::found_settings_of;

namespace {

std::string rendered(const testing::given_settings& given, render_format format,
                     bool defaults = false) {
  return agent::render(found_settings_of(given), format, defaults);
}

testing::given_settings plugin_user() {
  testing::given_settings given;
  given.conf =
      "cluster_formation.k8s.service_name = rmq\n"
      "cluster_formation.k8s.host = 10.96.0.1\n"
      "cluster_formation.target_cluster_size_hint = 3\n"
      "cluster_formation.node_cleanup.only_log_warning = false\n"
      "cluster_formation.discovery_retry_limit = 60\n";
  given.variables = {{"K8S_ADDRESS_TYPE", "hostname"},
                     {"RABBITMQ_ERLANG_COOKIE", "MONSTER"},
                     {"KUBERNETES_SERVICE_HOST", "10.96.0.9"},
                     {"WARREN_PEERS_COMMAND", "/bin/tell it's"},
                     {"WARREN_PEERS_FILE", "/peers"}};
  return given;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::string file = "(/etc/rabbitmq/rabbitmq.conf line ";

}  // namespace

TEST_CASE("for a shell every setting has Warren's own name, and where it came from") {
  CHECK(rendered(plugin_user(), render_format::env) ==
        "export K8S_HOST=10.96.0.1  # cluster_formation.k8s.host " + file +
            "2)\n"
            "export WARREN_SERVICE=rmq  # cluster_formation.k8s.service_name " +
            file +
            "1)\n"
            "export WARREN_EXPECTED_MEMBERS=3  # cluster_formation.target_cluster_size_hint " +
            file +
            "3)\n"
            "export WARREN_ADDRESS_TYPE=hostname  # K8S_ADDRESS_TYPE\n"
            "export WARREN_PEERS_FILE=/peers\n"
            "export WARREN_PEERS_COMMAND='/bin/tell it'\\''s'\n"
            "# RABBITMQ_ERLANG_COOKIE is set, and not shown: keep it in a Secret\n"
            "# Taken over, or not needed any more:\n"
            "#   cluster_formation.target_cluster_size_hint " +
            file +
            "3): Taken as `--expected-members`, where the StatefulSet may not be read.\n"
            "#   cluster_formation.discovery_retry_limit " +
            file +
            "5): For the broker's own discovery alone. The start gate sets both, so that no "
            "broker gives up and boots alone.\n"
            "# Not as it was before:\n"
            "#   cluster_formation.node_cleanup.only_log_warning " +
            file +
            "4): Warren forgets no member because it is away. Leave it at true: with false the "
            "broker's own clean-up may remove members that only cannot be reached.\n");
}

TEST_CASE("a command line has flags alone, and the API server as one of them") {
  const std::string text = rendered(plugin_user(), render_format::flags);
  CHECK(has(text,
            "warren agent \\\n"
            "  --service=rmq \\\n"
            "  --expected-members=3 \\\n"
            "  --address-type=hostname \\\n"
            "  --peers-file=/peers \\\n"
            "  --peers-command='/bin/tell it'\\''s' \\\n"
            "  --api-server=https://10.96.0.1:443\n"));
  CHECK(has(text, "# --service: cluster_formation.k8s.service_name " + file + "1)\n"));
  CHECK(has(text, "# --api-server: cluster_formation.k8s.host " + file + "2)\n"));
  testing::given_settings both = plugin_user();
  both.arguments = {"--api-server=http://[fd00::1]:80"};
  const std::string given = rendered(both, render_format::flags);
  CHECK(has(given, "--api-server='http://[fd00::1]:80'"));
  CHECK_FALSE(has(given, "10.96.0.1"));
}

TEST_CASE("rabbitmq.conf has what has a key there") {
  testing::given_settings given = plugin_user();
  given.arguments = {"--static-peers=rmq-1,rmq-0"};
  const std::string text = rendered(given, render_format::conf);
  CHECK(has(text,
            "cluster_formation.k8s.host = 10.96.0.1\n"
            "cluster_formation.k8s.service_name = rmq\n"
            "cluster_formation.classic_config.nodes.1 = rmq-1\n"
            "cluster_formation.classic_config.nodes.2 = rmq-0\n"
            "cluster_formation.target_cluster_size_hint = 3\n"
            "cluster_formation.k8s.address_type = hostname\n"
            "# WARREN_PEERS_FILE=/peers: give it to Warren, rabbitmq.conf has no key for it\n"));
}

TEST_CASE("a container's env leaves to the downward API what differs from pod to pod") {
  testing::given_settings given;
  given.variables = {{"POD_NAME", "rmq-0"},
                     {"POD_UID", "u"},
                     {"RABBITMQ_NODENAME", "rabbit@rmq-0.rmq.shop"},
                     {"WARREN_PEERS_COMMAND", "say \"$(HOME)\" \\"},
                     {"WARREN_PEERS_FILE", "/p"}};
  CHECK(rendered(given, render_format::yaml) ==
        "env:\n"
        "  - name: POD_NAME\n"
        "    valueFrom: {fieldRef: {fieldPath: metadata.name}}\n"
        "  - name: POD_UID\n"
        "    valueFrom: {fieldRef: {fieldPath: metadata.uid}}\n"
        "  - name: WARREN_NODE  # RABBITMQ_NODENAME\n"
        "    value: \"rabbit@$(POD_NAME).rmq.shop\"\n"
        "  - name: WARREN_PEERS_FILE\n"
        "    value: \"/p\"\n"
        "  - name: WARREN_PEERS_COMMAND\n"
        "    value: \"say \\\"$$(HOME)\\\" \\\\\"\n");
  given.variables.erase("POD_NAME");
  CHECK(has(rendered(given, render_format::yaml), "value: \"rabbit@rmq-0.rmq.shop\""));
  given.variables["POD_NAME"] = "rmq";
  CHECK(has(rendered(given, render_format::yaml), "value: \"rabbit@rmq-0.rmq.shop\""));
}

TEST_CASE("the secret is in none of the forms, nor is what kubelet sets") {
  for (const auto format :
       {render_format::env, render_format::flags, render_format::conf, render_format::yaml}) {
    for (const bool defaults : {false, true}) {
      const std::string text = rendered(plugin_user(), format, defaults);
      CHECK_FALSE(has(text, "MONSTER"));
      CHECK_FALSE(has(text, "KUBERNETES_SERVICE_HOST"));
    }
  }
}

TEST_CASE("defaults are there if they are asked for") {
  CHECK(rendered({}, render_format::env).empty());
  const std::string all = rendered({}, render_format::env, true);
  CHECK(has(all, "export WARREN_LISTEN='[::]:15690'\n"));
  CHECK(has(all, "export WARREN_READINESS_LEVEL=ping\n"));
}

TEST_CASE("what was printed for a shell and as flags gives the same settings again") {
  const auto first = found_settings_of(plugin_user());
  testing::given_settings again;
  for (const agent::setting_value& v : first.values) {
    if (v.source.empty() || v.what->flag.empty() || v.what->secret) continue;
    again.arguments.push_back("--" + std::string(v.what->flag) + "=" + v.text);
  }
  const auto second = found_settings_of(again);
  CHECK(second.result.peers.service == first.result.peers.service);
  CHECK(second.result.peers.expected_members == first.result.peers.expected_members);
  CHECK(second.result.peers.command == first.result.peers.command);
}

TEST_CASE("a name or a path with a line break does not leave its comment") {
  testing::given_settings given;
  given.conf_d = {{"a\nb.conf",
                   "cluster_formation.k8s.service_name = rmq\nAWS.x = 1\n"
                   "cluster_formation.aws.region = x\n"}};
  for (const auto format :
       {render_format::env, render_format::flags, render_format::conf, render_format::yaml}) {
    const std::string text = rendered(given, format);
    CHECK_FALSE(has(text, "\nb.conf"));
  }
}
