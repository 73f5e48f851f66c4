#include "agent/settings_table.hpp"

#include "agent/settings_rules.hpp"

namespace warren::agent {
namespace {

using namespace std::chrono_literals;
using draft = settings_draft;

std::vector<setting> general() {
  return {
      {.flag = "listen",
       .fallback = "[::]:15690",
       .value = rules::listen(),
       .meaning = "Where probes, metrics and the read-only API are served; [::] takes IPv4 too"},
      {.flag = "admin-socket",
       .fallback = "/run/warren/admin.sock",
       .value = rules::path([](draft& d) -> auto& { return d.result.admin_socket; }),
       .meaning = "The Unix socket on which the agent takes the orders of warren gate. Without its "
                  "folder there is none"},
      {.flag = "rabbitmq-conf",
       .fallback = "/etc/rabbitmq/rabbitmq.conf",
       .value = rules::path([](draft& d) -> auto& { return d.rabbitmq_conf; }),
       .meaning = "The broker's configuration, if this container sees it; conf.d beside it is read "
                  "too. The default may be missing"},
      {.flag = "log-format",
       .fallback = "text",
       .value = rules::choice<log_format>({{"text", log_format::text}, {"json", log_format::json}},
                                          [](draft& d) -> auto& { return d.result.log.format; }),
       .meaning = "The form of log lines"},
      {.flag = "log-level",
       .fallback = "info",
       .value = rules::choice<log_level>({{"debug", log_level::debug},
                                          {"info", log_level::info},
                                          {"warning", log_level::warning},
                                          {"error", log_level::error}},
                                         [](draft& d) -> auto& { return d.result.log.level; }),
       .meaning = "The least important lines to log"},
  };
}

std::vector<setting> broker() {
  return {
      {.flag = "node",
       .more_variables = {"RABBITMQ_NODENAME"},
       .value = rules::text("NAME or NAME@HOST", rules::is_node,
                            [](draft& d) -> auto& { return d.node; }),
       .meaning = "The own broker. Default: rabbit@ and the host name; with long names the host "
                  "name and the host name suffix. A name without @ gets the same host"},
      {.flag = "use-longname",
       .more_variables = {"RABBITMQ_USE_LONGNAME"},
       .value = rules::boolean([](draft& d) -> auto& { return d.long_names; }),
       .meaning = "Whether the brokers have long node names. Default: true if the host of the node "
                  "setting has a dot"},
      {.flag = "cookie-file",
       .fallback = "/var/lib/rabbitmq/.erlang.cookie",
       .value = rules::path([](draft& d) -> auto& { return d.result.broker.cookie_file; }),
       .meaning = "The file with the Erlang cookie"},
      {.more_variables = {"RABBITMQ_ERLANG_COOKIE"},
       .value = rules::cookie(),
       .meaning = "The Erlang cookie itself; the file is not read then",
       .secret = true},
      {.flag = "epmd-port",
       .more_variables = {"ERL_EPMD_PORT"},
       .fallback = "4369",
       .value = rules::port([](draft& d) -> auto& { return d.result.broker.epmd_port; }),
       .meaning = "The port of EPMD"},
      {.flag = "broker-addresses",
       .value = rules::addresses(),
       .meaning = "Where the own broker is looked for, in this order. Default: 127.0.0.1, ::1 and "
                  "the pod's address; if that is not set, those of the own interfaces"},
  };
}

std::vector<setting> kubernetes() {
  return {
      {.flag = "api-server",
       .value = rules::text("a URL like https://10.0.0.1:6443, without a path", rules::is_url,
                            [](draft& d) -> auto& { return d.api_server; }),
       .meaning = "The API server. Default: made from the next five"},
      {.more_variables = {"K8S_SCHEME"},
       .key = "cluster_formation.k8s.scheme",
       .value = rules::text("http or https", rules::is_scheme,
                            [](draft& d) -> auto& { return d.k8s_scheme; }),
       .meaning = "As for the RabbitMQ plugin. Default: https"},
      {.more_variables = {"K8S_HOST"},
       .key = "cluster_formation.k8s.host",
       .value = rules::text("a host name or an IP address", is_host_text,
                            [](draft& d) -> auto& { return d.k8s_host; }),
       .meaning = "As for the RabbitMQ plugin. Default: KUBERNETES_SERVICE_HOST, else "
                  "kubernetes.default.svc.cluster.local"},
      {.more_variables = {"K8S_PORT"},
       .key = "cluster_formation.k8s.port",
       .value = rules::text("a port from 1 to 65535", rules::is_real_port,
                            [](draft& d) -> auto& { return d.k8s_port; }),
       .meaning = "As for the RabbitMQ plugin. Default: KUBERNETES_SERVICE_PORT if its host is "
                  "used, else 443"},
      {.more_variables = {"KUBERNETES_SERVICE_HOST"},
       .value = rules::text("a host name or an IP address", is_host_text,
                            [](draft& d) -> auto& { return d.service_host; }),
       .meaning = "Set by kubelet"},
      {.more_variables = {"KUBERNETES_SERVICE_PORT"},
       .value = rules::text("a port from 1 to 65535", rules::is_real_port,
                            [](draft& d) -> auto& { return d.service_port; }),
       .meaning = "Set by kubelet"},
      {.flag = "token-path",
       .more_variables = {"K8S_TOKEN_PATH"},
       .key = "cluster_formation.k8s.token_path",
       .fallback = "/var/run/secrets/kubernetes.io/serviceaccount/token",
       .value = rules::path([](draft& d) -> auto& { return d.result.kubernetes.token_path; }),
       .meaning = "The service account's token; read again as it rotates"},
      {.flag = "cert-path",
       .more_variables = {"K8S_CERT_PATH"},
       .key = "cluster_formation.k8s.cert_path",
       .fallback = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt",
       .value = rules::path([](draft& d) -> auto& { return d.result.kubernetes.ca_path; }),
       .meaning =
           "The certificates that the API server's must be signed by; read again as they rotate"},
      {.flag = "namespace-path",
       .more_variables = {"K8S_NAMESPACE_PATH"},
       .key = "cluster_formation.k8s.namespace_path",
       .fallback = "/var/run/secrets/kubernetes.io/serviceaccount/namespace",
       .value = rules::path([](draft& d) -> auto& { return d.result.kubernetes.namespace_path; }),
       .meaning = "The file with the namespace, read if the pod's namespace is not set"},
      {.flag = "pod-name",
       .more_variables = {"POD_NAME"},
       .value = rules::text("a pod's name", is_dns_subdomain,
                            [](draft& d) -> auto& { return d.result.pod.name; }),
       .meaning = "The own pod. Default: the host name up to its first dot"},
      {.flag = "pod-namespace",
       .more_variables = {"POD_NAMESPACE"},
       .value = rules::text("a namespace", is_dns_label,
                            [](draft& d) -> auto& { return d.result.pod.name_space; }),
       .meaning = "Its namespace. Default: what the namespace file says"},
      {.flag = "pod-uid",
       .more_variables = {"POD_UID"},
       .value =
           rules::text("a uid", rules::is_uid, [](draft& d) -> auto& { return d.result.pod.uid; }),
       .meaning = "Its uid; without it kubectl describe pod does not show the Events"},
      {.flag = "pod-ip",
       .more_variables = {"POD_IP"},
       .value = rules::text("an IP address", is_ip_address,
                            [](draft& d) -> auto& { return d.result.pod.ip; }),
       .meaning = "Its address; its family names pods that have both, where peers are named by ip"},
      {.flag = "statefulset",
       .value = rules::text("a StatefulSet's name", is_dns_subdomain,
                            [](draft& d) -> auto& { return d.result.pod.stateful_set; }),
       .meaning = "The own StatefulSet. Default: the pod's name without its ordinal"},
  };
}

std::vector<setting> peers() {
  using domain::address_type;
  return {
      {.flag = "peers-from",
       .fallback = "kubernetes",
       .value = rules::choice<peer_source>({{"kubernetes", peer_source::kubernetes},
                                            {"dns", peer_source::dns},
                                            {"static", peer_source::fixed}},
                                           [](draft& d) -> auto& { return d.result.peers.source; }),
       .meaning =
           "Where the peers come from: EndpointSlices or Endpoints, the Service's records in "
           "DNS, or a list. The last two need no credentials"},
      {.flag = "service",
       .more_variables = {"K8S_SERVICE_NAME"},
       .key = "cluster_formation.k8s.service_name",
       .fallback = "rabbitmq",
       .value = rules::text("a Service's name", is_dns_label,
                            [](draft& d) -> auto& { return d.result.peers.service; }),
       .meaning = "The headless Service whose endpoints are the peers"},
      {.flag = "static-peers",
       .key = "cluster_formation.classic_config.nodes.N",
       .value = rules::static_peers(),
       .meaning = "The peers where they come from a list; a host becomes a node name as an "
                  "endpoint's does. The order counts: without Leases the first one founds the "
                  "cluster. Of several keys of rabbitmq.conf each has one"},
      {.flag = "dns-name",
       .more_variables = {"AUTOCLUSTER_HOST"},
       .key = "cluster_formation.dns.hostname",
       .value = rules::text("a host name", rules::is_dns_name,
                            [](draft& d) -> auto& { return d.result.peers.dns_name; }),
       .meaning = "The name whose SRV, A and AAAA records are the peers, where they come from DNS. "
                  "Default: that of the Service (SERVICE.NAMESPACE.svc.cluster.local, with the "
                  "domain of the search list); without a namespace the Service alone"},
      {.flag = "dns-port-name",
       .fallback = "amqp",
       .value = rules::text("a port's name", is_dns_label,
                            [](draft& d) -> auto& { return d.result.peers.dns_port_name; }),
       .meaning = "The Service's port whose SRV records are asked for first; then those of the "
                  "name itself"},
      {.flag = "expected-members",
       .key = "cluster_formation.target_cluster_size_hint",
       .value = rules::number(1, static_cast<int>(most_members),
                              [](draft& d) -> auto& { return d.result.peers.expected_members; }),
       .meaning = "How many members the cluster is to have, where the StatefulSet may not be read. "
                  "Default: the length of the list, if the peers come from one"},
      {.flag = "address-type",
       .more_variables = {"K8S_ADDRESS_TYPE"},
       .key = "cluster_formation.k8s.address_type",
       .fallback = "ip",
       .value = rules::choice<address_type>(
           {{"hostname", address_type::hostname}, {"ip", address_type::ip}},
           [](draft& d) -> auto& { return d.result.peers.rules.from; }),
       .meaning = "What of an endpoint becomes the host of its node name"},
      {.flag = "hostname-suffix",
       .more_variables = {"K8S_HOSTNAME_SUFFIX"},
       .key = "cluster_formation.k8s.hostname_suffix",
       .value = rules::text("letters, digits, '-', '_' and '.'", is_host_text,
                            [](draft& d) -> auto& { return d.result.peers.rules.hostname_suffix; }),
       .meaning = "Appended to that host, for example .rabbitmq.default. Default: nothing"},
      {.flag = "peers-file",
       .value = rules::path([](draft& d) -> auto& { return d.result.peers.file; }),
       .meaning = "The file to keep the peers in, replaced in one step. Default: none"},
      {.flag = "peers-format",
       .fallback = "rabbitmq",
       .value =
           rules::choice<peers_format>({{"rabbitmq", peers_format::rabbitmq},
                                        {"plain", peers_format::plain},
                                        {"json", peers_format::json}},
                                       [](draft& d) -> auto& { return d.result.peers.format; }),
       .meaning = "rabbitmq: for conf.d; plain: one host a line; json: as GET /v1/peers"},
      {.flag = "peers-command",
       .value = rules::command(),
       .meaning = "Run each time the file has changed, without a shell. Default: none"},
      {.flag = "peers-interval",
       .fallback = "5s",
       .value =
           rules::duration(1s, 5min, [](draft& d) -> auto& { return d.result.peers.interval; }),
       .meaning = "How often DNS is asked, and Endpoints where EndpointSlices may not be watched"},
  };
}

std::vector<setting> health() {
  using domain::alarm_policy;
  using domain::readiness_level;
  return {
      {.flag = "readiness-level",
       .fallback = "ping",
       .value =
           rules::choice<readiness_level>({{"ping", readiness_level::ping},
                                           {"running", readiness_level::running},
                                           {"serving", readiness_level::serving}},
                                          [](draft& d) -> auto& { return d.result.health.level; }),
       .meaning = "What /readyz asks for: an answer, a fully booted broker, or open listeners too"},
      {.flag = "liveness-alarms",
       .fallback = "fail",
       .value = rules::choice<alarm_policy>(
           {{"fail", alarm_policy::fail}, {"report", alarm_policy::report}},
           [](draft& d) -> auto& { return d.result.health.alarms; }),
       .meaning = "Whether a local alarm fails /livez"},
      {.flag = "liveness-alarm-hold",
       .fallback = "0s",
       .value =
           rules::duration(0s, 24h, [](draft& d) -> auto& { return d.result.health.alarm_hold; }),
       .meaning = "How long an alarm stands before it does"},
      {.flag = "liveness-hang-timeout",
       .fallback = "30s",
       .value =
           rules::duration(6s, 1h, [](draft& d) -> auto& { return d.result.health.hang_timeout; }),
       .meaning = "Silence of a connected broker that fails /livez"},
      {.flag = "liveness-boot-timeout",
       .fallback = "300s",
       .value = rules::duration(10s, 24h,
                                [](draft& d) -> auto& { return d.result.health.boot_timeout; }),
       .meaning = "Absence of the broker that fails /livez"},
      {.flag = "check-interval",
       .fallback = "500ms",
       .value =
           rules::duration(100ms, 10s, [](draft& d) -> auto& { return d.result.intervals.check; }),
       .meaning = "How often the broker is asked and its listening sockets are looked at"},
      {.flag = "connect-interval",
       .fallback = "10s",
       .value =
           rules::duration(1s, 5min, [](draft& d) -> auto& { return d.result.intervals.connect; }),
       .meaning = "How often each listener is really connected to"},
      {.flag = "members-interval",
       .fallback = "5s",
       .value =
           rules::duration(1s, 5min, [](draft& d) -> auto& { return d.result.intervals.members; }),
       .meaning = "How often the broker is asked for the cluster's members"},
  };
}

std::vector<setting> formation() {
  return {
      {.flag = "formation",
       .value = rules::choice<formation_mode>(
           {{"gate", formation_mode::gate}, {"observe", formation_mode::observe}},
           [](draft& d) -> auto& { return d.formation; }),
       .meaning = "Whether the agent decides when the broker may start and whom it joins, or only "
                  "tells what became of it. Default: gate if the next one is set, else observe"},
      {.flag = "conf-dir",
       .fallback = "/etc/rabbitmq/conf.d",
       .value = rules::path([](draft& d) -> auto& { return d.result.formation.conf_dir; }),
       .meaning = "The broker's conf.d, shared with its container: the gate writes 90-warren.conf "
                  "there"},
      {.flag = "data-dir",
       .fallback = "/var/lib/rabbitmq/mnesia",
       .value = rules::path([](draft& d) -> auto& { return d.result.formation.data_dir; }),
       .meaning = "The folder of the broker's data, shared with its container"},
      {.flag = "enabled-plugins",
       .fallback = "/etc/rabbitmq/enabled_plugins",
       .value = rules::path([](draft& d) -> auto& { return d.result.formation.enabled_plugins; }),
       .meaning = "The broker's list of plugins, which says whether brokers from 4.1 on can join "
                  "one that still boots. It may be missing"},
      {.flag = "broker-version",
       .value = rules::text("a version like 4.3.6 or 4.3", rules::is_version,
                            [](draft& d) -> auto& { return d.result.formation.broker_version; }),
       .meaning = "The broker's version, for the gate. Default: what the next one says; not "
                  "known is safe, and slower"},
      {.flag = "broker-version-file",
       .value =
           rules::path([](draft& d) -> auto& { return d.result.formation.broker_version_file; }),
       .meaning = "A file with that version, written by an init container with the broker's image. "
                  "Default: none"},
      {.flag = "found-when",
       .fallback = "all",
       .value = rules::choice<bool>(
           {{"all", false}, {"majority", true}},
           [](draft& d) -> auto& { return d.result.formation.rules.majority_founds; }),
       .meaning =
           "Whose word that it holds no data is waited for before a cluster is founded: every "
           "member's, or that of most"},
      {.flag = "formation-door-timeout",
       .fallback = "30s",
       .value = rules::duration(
           5s, 1h, [](draft& d) -> auto& { return d.result.formation.rules.door_timeout; }),
       .meaning =
           "How long a broker that joins waits for a node that does not run, before it joins "
           "another one"},
      {.flag = "lock-duration",
       .fallback = "10s",
       .value = rules::duration(5s, 60s,
                                [](draft& d) -> auto& { return d.result.formation.lock_duration; }),
       .meaning =
           "How long the lock of a dead agent is respected: a Lease, held while a cluster is "
           "founded or a member forgotten"},
  };
}

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
  static const std::vector<settings_group> table{
      {"General", general()}, {"Broker", broker()},       {"Kubernetes", kubernetes()},
      {"Peers", peers()},     {"Formation", formation()}, {"Health", health()}};
  return table;
}

}  // namespace warren::agent
