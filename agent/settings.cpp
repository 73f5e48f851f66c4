#include "agent/settings.hpp"

#include "agent/rabbitmq_conf.hpp"
#include "agent/settings_flags.hpp"
#include "agent/settings_table.hpp"
#include "agent/settings_values.hpp"
#include "agent/unknown_variables.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <stdexcept>
#include <utility>

namespace warren::agent {
namespace {

using namespace std::chrono_literals;

// A setting's text and where it stands, in the words for a problem.
struct found {
  std::string text;
  std::string
      where;  // "--service=a", "K8S_SERVICE_NAME=a", "cluster_formation.k8s... = a (FILE line 3)"
  bool is_default = false;
};

struct reader {
  const settings_sources& sources;
  flags arguments;
  std::map<std::string, found, std::less<>> conf;  // by key
  settings_draft draft;
  std::vector<std::string> problems;

  [[nodiscard]] std::optional<found> look_up(const setting& s) const;
  std::string read(const setting& s);
  void read_conf();
  void complete_node();
  void complete_api_server();
  void complete_pod();
  void complete_health();
  void check_combinations();
};

std::optional<found> reader::look_up(const setting& s) const {
  const std::string shown = s.secret ? "(not shown)" : "";
  const auto words = [&](const std::string& text) { return s.secret ? shown : text; };
  if (const auto flag = arguments.values.find(s.flag); flag != arguments.values.end()) {
    return found{flag->second, "--" + flag->first + "=" + words(flag->second)};
  }
  for (const std::string& name : s.variables()) {
    const auto value = sources.variable(name);
    if (value && !value->empty()) return found{*value, name + "=" + words(*value)};
  }
  if (const auto key = conf.find(s.key); key != conf.end()) return key->second;
  if (s.fallback.empty()) return std::nullopt;
  return found{std::string(s.fallback), std::string(s.fallback), true};
}

// Takes a setting over; gives where its value came from, for problems found later.
std::string reader::read(const setting& s) {
  const auto value = look_up(s);
  if (!value) return {};
  if (!s.value.set(draft, value->text)) {
    problems.push_back(value->where + ": must be " + s.value.allowed);
  }
  return value->where;
}

const setting& setting_named(std::string_view flag) {
  for (const settings_group& group : settings_table()) {
    for (const setting& s : group.settings) {
      if (s.flag == flag) return s;
    }
  }
  throw std::logic_error("no such setting: " + std::string(flag));
}

// The keys of rabbitmq.conf and conf.d; of duplicates the last counts, as for the broker.
void reader::read_conf() {
  const setting& s = setting_named("rabbitmq-conf");
  const auto path = look_up(s);
  const conf_files conf_d = sources.conf(path->text);
  for (const base::failure& failure : conf_d.failures) {
    const bool missing_default = path->is_default && failure.detail == path->text &&
                                 failure.code == boost::system::errc::no_such_file_or_directory;
    if (missing_default) continue;
    problems.push_back((path->is_default ? "" : path->where + ": ") + "cannot read " +
                       failure.text());
  }
  for (const conf_file& file : conf_d.files) {
    for (conf_setting& line : parse_rabbitmq_conf(file.text)) {
      const std::string where = line.key + " = " + line.value + " (" + file.path + " line " +
                                std::to_string(line.line) + ")";
      conf.insert_or_assign(std::move(line.key), found{std::move(line.value), where});
    }
  }
}

// rabbitmq-env's rule: the short host name, or with long names the full one. A pod does not know
// its full name, but the rule that makes its peers' names makes its own.
void reader::complete_node() {
  broker_settings& broker = draft.result.broker;
  domain::name_rules& names = draft.result.peers.rules;
  const std::size_t at = draft.node.find('@');
  const std::string_view explicit_host =
      at == std::string::npos ? std::string_view() : std::string_view(draft.node).substr(at + 1);

  const auto is_long = [](std::string_view host) {
    return host.find('.') != std::string_view::npos && !is_ip_address(host);
  };
  broker.long_names = names.long_names = draft.long_names.value_or(is_long(explicit_host));
  names.prefix = draft.node.empty() ? "rabbit" : draft.node.substr(0, at);
  names.prefer_ipv6 = is_ipv6_address(draft.result.pod.ip);
  broker.node = draft.node;
  if (at == std::string::npos) {
    broker.node = names.prefix + "@";
    const std::string& host = sources.host_name;
    if (!broker.long_names) {
      broker.node += host.substr(0, host.find('.'));
    } else {
      broker.node += is_long(host) ? host : host + names.hostname_suffix;
    }
  }

  const std::string_view host = domain::host_of(broker.node);
  if (is_ip_address(host)) return;
  if (broker.long_names && !is_long(host)) {
    problems.push_back("node " + broker.node +
                       ": long names need a host with a dot: set --node, RABBITMQ_NODENAME or "
                       "K8S_HOSTNAME_SUFFIX");
  } else if (!broker.long_names && is_long(host)) {
    problems.push_back("node " + broker.node +
                       ": a host with a dot needs RABBITMQ_USE_LONGNAME=true");
  }
}

void reader::complete_api_server() {
  kubernetes_settings& api = draft.result.kubernetes;
  if (const auto url = parse_server_url(draft.api_server)) {
    api.tls = url->tls;
    api.host = url->host;
    api.port = url->port;
    return;
  }
  api.tls = draft.k8s_scheme != "http";
  const bool from_kubelet = draft.k8s_host.empty() && !draft.service_host.empty();
  api.host = from_kubelet ? draft.service_host : draft.k8s_host;
  if (api.host.empty()) api.host = "kubernetes.default.svc.cluster.local";
  const auto port = parse_port(draft.k8s_port);
  const auto service_port = from_kubelet ? parse_port(draft.service_port) : std::nullopt;
  api.port = port.value_or(service_port.value_or(443));
}

void reader::complete_pod() {
  pod_settings& pod = draft.result.pod;
  if (pod.name.empty()) pod.name = sources.host_name.substr(0, sources.host_name.find('.'));
  const std::size_t dash = pod.name.rfind('-');
  if (pod.stateful_set.empty() && dash != std::string::npos && dash + 1 < pod.name.size() &&
      pod.name.find_first_not_of("0123456789", dash + 1) == std::string::npos) {
    pod.stateful_set = pod.name.substr(0, dash);
  }
  std::vector<std::string>& addresses = draft.result.broker.addresses;
  if (!addresses.empty()) return;
  addresses = {"127.0.0.1", "::1"};
  if (!pod.ip.empty()) {
    addresses.push_back(pod.ip);
  } else {
    addresses.insert(addresses.end(), sources.own_addresses.begin(), sources.own_addresses.end());
  }
}

// An observation may be three looks old, at least 5 s.
void reader::complete_health() {
  const interval_settings& intervals = draft.result.intervals;
  draft.result.health.stale_after = std::max<base::duration>(5s, 3 * intervals.check);
  draft.result.health.ports_stale_after = std::max<base::duration>(5s, 3 * intervals.connect);
}

void reader::check_combinations() {
  const auto& s = draft.result;
  // One slow answer is no hang: three checks, each with its time to be answered.
  const base::duration shortest_hang = 3 * s.intervals.check + 3s;
  if (s.health.hang_timeout < shortest_hang) {
    problems.push_back("--liveness-hang-timeout=" + format_duration(s.health.hang_timeout) +
                       ": must be at least " + format_duration(shortest_hang) +
                       " with --check-interval=" + format_duration(s.intervals.check));
  }
  if (!s.peers.command.empty() && s.peers.file.empty()) {
    problems.push_back(look_up(setting_named("peers-command"))->where +
                       ": needs --peers-file, whose changes it is run on");
  }
}

}  // namespace

std::variant<settings, std::vector<std::string>> read_settings(const settings_sources& sources) {
  reader r{sources, parse_flags(sources.arguments), {}, {}, {}};
  r.problems = r.arguments.problems;
  std::ranges::move(unknown_variables(sources.variables), std::back_inserter(r.problems));
  r.read_conf();
  for (const settings_group& group : settings_table()) {
    for (const setting& s : group.settings) r.read(s);
  }
  r.complete_pod();
  r.complete_node();
  r.complete_api_server();
  r.complete_health();
  r.check_combinations();
  if (!r.problems.empty()) return std::move(r.problems);
  return std::move(r.draft.result);
}

}  // namespace warren::agent
