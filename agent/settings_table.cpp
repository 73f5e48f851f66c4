#include "agent/settings_table.hpp"

#include "agent/settings_rules.hpp"

#include <algorithm>

namespace warren::agent {
namespace {

using namespace std::chrono_literals;
using draft = settings_draft;

#define FIELD(name) [](draft& d) -> auto& { return d.name; }

bool is_node(std::string_view text) {
  const std::size_t at = text.find('@');
  const std::string_view alive = text.substr(0, at);
  if (!is_host_text(alive) || alive.find_first_of(".:") != std::string_view::npos) return false;
  return at == std::string_view::npos || is_host_text(text.substr(at + 1));
}
bool is_scheme(std::string_view text) {
  return text == "http" || text == "https";
}
bool is_url(std::string_view text) {
  return parse_server_url(text).has_value();
}
bool is_real_port(std::string_view text) {
  return parse_port(text).value_or(0) != 0;
}
bool is_only_source(std::string_view text) {
  return text == "kubernetes";
}
bool is_uid(std::string_view text) {
  return is_host_text(text) && text.size() <= 128;
}

value_rule listen_rule() {
  return {"an IP address and a port, like [::]:15690 or 0.0.0.0:15690",
          [](draft& d, const std::string& value) {
            const auto where = parse_host_port(value);
            if (!where || !where->port || !is_ip_address(where->host)) return false;
            d.result.listen = {where->host, *where->port};
            return true;
          }};
}

value_rule addresses_rule() {
  return {"IP addresses, separated by commas", [](draft& d, const std::string& value) {
            auto list = split(value, ", ");
            if (list.empty() || !std::ranges::all_of(list, is_ip_address)) return false;
            d.result.broker.addresses = std::move(list);
            return true;
          }};
}

value_rule cookie_rule() {
  return {"an Erlang cookie of at most 255 characters", [](draft& d, const std::string& value) {
            const auto words = split(value, " \t\r\n");
            if (words.size() != 1 || words.front().size() > 255) return false;
            d.result.broker.cookie = base::secret(words.front());
            return true;
          }};
}

value_rule command_rule() {
  return {"a program and its arguments, separated by spaces",
          [](draft& d, const std::string& value) {
            d.result.peers.command = split(value, " ");
            return !d.result.peers.command.empty();
          }};
}

std::vector<setting> general() {
  return {
      {"listen",
       {},
       "",
       "[::]:15690",
       listen_rule(),
       "Where probes, metrics and the read-only API are served; [::] takes IPv4 too"},
      {"rabbitmq-conf",
       {},
       "",
       "/etc/rabbitmq/rabbitmq.conf",
       rules::path(FIELD(rabbitmq_conf)),
       "The broker's configuration, if this container sees it; conf.d beside it is read too. The "
       "default may be missing"},
      {"log-format",
       {},
       "",
       "text",
       rules::choice<log_format>({{"text", log_format::text}, {"json", log_format::json}},
                                 FIELD(result.log.format)),
       "The form of log lines"},
      {"log-level",
       {},
       "",
       "info",
       rules::choice<log_level>({{"debug", log_level::debug},
                                 {"info", log_level::info},
                                 {"warning", log_level::warning},
                                 {"error", log_level::error}},
                                FIELD(result.log.level)),
       "The least important lines to log"},
  };
}

std::vector<setting> broker() {
  return {
      {"node",
       {"RABBITMQ_NODENAME"},
       "",
       "",
       rules::text("NAME or NAME@HOST", is_node, FIELD(node)),
       "The own broker. Default: rabbit@ and the host name; with long names the host name and the "
       "host name suffix. A name without @ gets the same host"},
      {"use-longname",
       {"RABBITMQ_USE_LONGNAME"},
       "",
       "",
       rules::boolean(FIELD(long_names)),
       "Whether the brokers have long node names. Default: true if the host of the node setting "
       "has a dot"},
      {"cookie-file",
       {},
       "",
       "/var/lib/rabbitmq/.erlang.cookie",
       rules::path(FIELD(result.broker.cookie_file)),
       "The file with the Erlang cookie"},
      {"",
       {"RABBITMQ_ERLANG_COOKIE"},
       "",
       "",
       cookie_rule(),
       "The Erlang cookie itself; the file is not read then",
       true},
      {"epmd-port",
       {"ERL_EPMD_PORT"},
       "",
       "4369",
       rules::port(FIELD(result.broker.epmd_port)),
       "The port of EPMD"},
      {"broker-addresses",
       {},
       "",
       "",
       addresses_rule(),
       "Where the own broker is looked for, in this order. Default: 127.0.0.1, ::1 and the pod's "
       "address"},
  };
}

std::vector<setting> kubernetes() {
  constexpr std::string_view folder = "/var/run/secrets/kubernetes.io/serviceaccount";
  static const std::string token = std::string(folder) + "/token";
  static const std::string ca = std::string(folder) + "/ca.crt";
  static const std::string name_space = std::string(folder) + "/namespace";
  return {
      {"api-server",
       {},
       "",
       "",
       rules::text("a URL like https://10.0.0.1:6443, without a path", is_url, FIELD(api_server)),
       "The API server. Default: made from the next five"},
      {"",
       {"K8S_SCHEME"},
       "cluster_formation.k8s.scheme",
       "",
       rules::text("http or https", is_scheme, FIELD(k8s_scheme)),
       "As for the RabbitMQ plugin. Default: https"},
      {"",
       {"K8S_HOST"},
       "cluster_formation.k8s.host",
       "",
       rules::text("a host name or an IP address", is_host_text, FIELD(k8s_host)),
       "As for the RabbitMQ plugin. Default: KUBERNETES_SERVICE_HOST, else "
       "kubernetes.default.svc.cluster.local"},
      {"",
       {"K8S_PORT"},
       "cluster_formation.k8s.port",
       "",
       rules::text("a port from 1 to 65535", is_real_port, FIELD(k8s_port)),
       "As for the RabbitMQ plugin. Default: KUBERNETES_SERVICE_PORT if its host is used, else "
       "443"},
      {"",
       {"KUBERNETES_SERVICE_HOST"},
       "",
       "",
       rules::text("a host name or an IP address", is_host_text, FIELD(service_host)),
       "Set by kubelet"},
      {"",
       {"KUBERNETES_SERVICE_PORT"},
       "",
       "",
       rules::text("a port from 1 to 65535", is_real_port, FIELD(service_port)),
       "Set by kubelet"},
      {"token-path",
       {"K8S_TOKEN_PATH"},
       "cluster_formation.k8s.token_path",
       token,
       rules::path(FIELD(result.kubernetes.token_path)),
       "The service account's token; read again as it rotates"},
      {"cert-path",
       {"K8S_CERT_PATH"},
       "cluster_formation.k8s.cert_path",
       ca,
       rules::path(FIELD(result.kubernetes.ca_path)),
       "The certificates that the API server's must be signed by; read again as they rotate"},
      {"namespace-path",
       {"K8S_NAMESPACE_PATH"},
       "cluster_formation.k8s.namespace_path",
       name_space,
       rules::path(FIELD(result.kubernetes.namespace_path)),
       "The file with the namespace, read if the pod's namespace is not set"},
      {"pod-name",
       {"POD_NAME"},
       "",
       "",
       rules::text("a pod's name", is_dns_subdomain, FIELD(result.pod.name)),
       "The own pod. Default: the host name up to its first dot"},
      {"pod-namespace",
       {"POD_NAMESPACE"},
       "",
       "",
       rules::text("a namespace", is_dns_label, FIELD(result.pod.name_space)),
       "Its namespace. Default: what the namespace file says"},
      {"pod-uid",
       {"POD_UID"},
       "",
       "",
       rules::text("a uid", is_uid, FIELD(result.pod.uid)),
       "Its uid; without it kubectl describe pod does not show the Events"},
      {"pod-ip",
       {"POD_IP"},
       "",
       "",
       rules::text("an IP address", is_ip_address, FIELD(result.pod.ip)),
       "Its address; its family names pods that have both, where peers are named by ip"},
      {"statefulset",
       {},
       "",
       "",
       rules::text("a StatefulSet's name", is_dns_subdomain, FIELD(result.pod.stateful_set)),
       "The own StatefulSet. Default: the pod's name without its ordinal"},
  };
}

std::vector<setting> peers() {
  using domain::address_type;
  return {
      {"peers-from",
       {},
       "",
       "kubernetes",
       {"kubernetes, the only source in this release",
        [](draft&, const std::string& value) { return is_only_source(value); }},
       "Where the peers come from"},
      {"service",
       {"K8S_SERVICE_NAME"},
       "cluster_formation.k8s.service_name",
       "rabbitmq",
       rules::text("a Service's name", is_dns_label, FIELD(result.peers.service)),
       "The headless Service whose endpoints are the peers"},
      {"address-type",
       {"K8S_ADDRESS_TYPE"},
       "cluster_formation.k8s.address_type",
       "ip",
       rules::choice<address_type>({{"hostname", address_type::hostname}, {"ip", address_type::ip}},
                                   FIELD(result.peers.rules.from)),
       "What of an endpoint becomes the host of its node name"},
      {"hostname-suffix",
       {"K8S_HOSTNAME_SUFFIX"},
       "cluster_formation.k8s.hostname_suffix",
       "",
       rules::text("letters, digits, '-', '_' and '.'", is_host_text,
                   FIELD(result.peers.rules.hostname_suffix)),
       "Appended to that host, for example .rabbitmq.default. Default: nothing"},
      {"peers-file",
       {},
       "",
       "",
       rules::path(FIELD(result.peers.file)),
       "The file to keep the peers in, replaced in one step. Default: none"},
      {"peers-format",
       {},
       "",
       "rabbitmq",
       rules::choice<peers_format>({{"rabbitmq", peers_format::rabbitmq},
                                    {"plain", peers_format::plain},
                                    {"json", peers_format::json}},
                                   FIELD(result.peers.format)),
       "rabbitmq: for conf.d; plain: one host a line; json: as GET /v1/peers"},
      {"peers-command",
       {},
       "",
       "",
       command_rule(),
       "Run each time the file has changed, without a shell. Default: none"},
      {"peers-interval",
       {},
       "",
       "5s",
       rules::duration(1s, 5min, FIELD(result.peers.interval)),
       "How often Endpoints are asked for where EndpointSlices may not be watched"},
  };
}

std::vector<setting> health() {
  using domain::alarm_policy;
  using domain::readiness_level;
  return {
      {"readiness-level",
       {},
       "",
       "ping",
       rules::choice<readiness_level>({{"ping", readiness_level::ping},
                                       {"running", readiness_level::running},
                                       {"serving", readiness_level::serving}},
                                      FIELD(result.health.level)),
       "What /readyz asks for: an answer, a fully booted broker, or open listeners too"},
      {"liveness-alarms",
       {},
       "",
       "fail",
       rules::choice<alarm_policy>({{"fail", alarm_policy::fail}, {"report", alarm_policy::report}},
                                   FIELD(result.health.alarms)),
       "Whether a local alarm fails /livez"},
      {"liveness-alarm-hold",
       {},
       "",
       "0s",
       rules::duration(0s, 24h, FIELD(result.health.alarm_hold)),
       "How long an alarm stands before it does"},
      {"liveness-hang-timeout",
       {},
       "",
       "30s",
       rules::duration(6s, 1h, FIELD(result.health.hang_timeout)),
       "Silence of a connected broker that fails /livez"},
      {"liveness-boot-timeout",
       {},
       "",
       "300s",
       rules::duration(10s, 24h, FIELD(result.health.boot_timeout)),
       "Absence of the broker that fails /livez"},
      {"check-interval",
       {},
       "",
       "500ms",
       rules::duration(100ms, 10s, FIELD(result.intervals.check)),
       "How often the broker is asked and its listening sockets are looked at"},
      {"connect-interval",
       {},
       "",
       "10s",
       rules::duration(1s, 5min, FIELD(result.intervals.connect)),
       "How often each listener is really connected to"},
      {"members-interval",
       {},
       "",
       "5s",
       rules::duration(1s, 5min, FIELD(result.intervals.members)),
       "How often the broker is asked for the cluster's members"},
  };
}

#undef FIELD

}  // namespace

std::vector<std::string> setting::variables() const {
  std::vector<std::string> names;
  if (!flag.empty()) {
    std::string own = "WARREN_";
    for (const char c : flag) own += c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
    names.push_back(std::move(own));
  }
  names.insert(names.end(), more_variables.begin(), more_variables.end());
  return names;
}

const std::vector<settings_group>& settings_table() {
  static const std::vector<settings_group> table{{"General", general()},
                                                 {"Broker", broker()},
                                                 {"Kubernetes", kubernetes()},
                                                 {"Peers", peers()},
                                                 {"Health", health()}};
  return table;
}

}  // namespace warren::agent
