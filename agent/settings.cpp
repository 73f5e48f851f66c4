#include "agent/settings.hpp"

#include "agent/found_settings.hpp"
#include "agent/rabbitmq_conf.hpp"
#include "agent/settings_flags.hpp"
#include "agent/settings_table.hpp"
#include "agent/settings_values.hpp"
#include "agent/unknown_variables.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace warren::agent {
namespace {

using namespace std::chrono_literals;

// A setting's text and where it stands, in the words for a problem.
struct found {
  std::string text;
  std::string
      where;  // "--service=a", "K8S_SERVICE_NAME=a", "cluster_formation.k8s... = a (FILE line 3)"
  std::string source;  // the same without the value; empty for a default
  bool is_default = false;
};

struct reader {
  const settings_sources& sources;
  flags arguments;
  std::map<std::string, found, std::less<>> conf;  // by key
  std::map<std::string, given_value> given;        // the same, as it stands there
  settings_draft draft;
  std::vector<std::string> problems;

  [[nodiscard]] std::optional<found> look_up(const setting& s) const;
  std::string read(const setting& s);
  void read_conf();
  void join_classic_nodes();
  void complete_node();
  void complete_api_server();
  void complete_pod();
  void complete_peers();
  void complete_health();
  void complete_formation();
  void check_combinations();
  [[nodiscard]] std::vector<setting_value> values() const;
  [[nodiscard]] std::vector<given_value> all_given() const;
};

std::optional<found> reader::look_up(const setting& s) const {
  const std::string shown = s.secret ? "(not shown)" : "";
  const auto words = [&](const std::string& text) { return s.secret ? shown : text; };
  if (const auto flag = arguments.values.find(s.flag); flag != arguments.values.end()) {
    const std::string source = "--" + flag->first;
    return found{flag->second, source + "=" + words(flag->second), source};
  }
  for (const std::string& name : s.variables()) {
    const auto value = sources.variable(name);
    if (value && !value->empty()) return found{*value, name + "=" + words(*value), name};
  }
  if (const auto key = conf.find(s.key); key != conf.end()) return key->second;
  if (s.fallback.empty()) return std::nullopt;
  return found{std::string(s.fallback), std::string(s.fallback), "", true};
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
    // What an agent wrote would come back as what the user said.
    if (is_written_by_warren(file.text)) continue;
    for (conf_setting& line : parse_rabbitmq_conf(file.text)) {
      const std::string place = file.path + " line " + std::to_string(line.line);
      const std::string where = line.key + " = " + line.value + " (" + place + ")";
      const std::string source = line.key + " (" + place + ")";
      given.insert_or_assign(line.key, given_value{line.key, line.value, place});
      conf.insert_or_assign(std::move(line.key), found{std::move(line.value), where, source});
    }
  }
  join_classic_nodes();
}

// The keys cluster_formation.classic_config.nodes.1, .2 and so on are one setting: their values in
// the order of the numbers, as if they had been given with commas.
void reader::join_classic_nodes() {
  const std::string key(setting_named("static-peers").key);
  const std::string_view begin = std::string_view(key).substr(0, key.size() - 1);
  const auto order = [&](std::string_view name) {
    name.remove_prefix(begin.size());
    const auto number = parse_port(name);
    return std::tuple(!number, number.value_or(0), name);
  };
  std::vector<std::string> keys;
  for (const auto& [name, value] : conf) {
    if (name.starts_with(begin)) keys.push_back(name);
  }
  if (keys.empty()) return;
  std::ranges::sort(keys, {}, order);
  found joined;
  for (const std::string& name : keys) {
    if (!joined.text.empty()) joined.text += ',';
    joined.text += conf.find(name)->second.text;
  }
  joined.where =
      conf.find(keys.front())->second.where + (keys.size() > 1 ? " and the keys like it" : "");
  conf.insert_or_assign(key, std::move(joined));
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

void reader::complete_peers() {
  peers_settings& peers = draft.result.peers;
  if (peers.source != peer_source::fixed) return;
  const auto list = look_up(setting_named("static-peers"));
  if (!list) {
    problems.push_back(look_up(setting_named("peers-from"))->where +
                       ": needs the peers in --static-peers, WARREN_STATIC_PEERS or "
                       "cluster_formation.classic_config.nodes.N");
    return;
  }
  for (const std::string& listed : draft.static_peers) {
    std::string node =
        listed.find('@') == std::string::npos ? domain::node_name(listed, peers.rules) : listed;
    if (std::ranges::find(peers.nodes, node) != peers.nodes.end()) {
      problems.push_back(list->where + ": has " + node + " twice");
    }
    peers.nodes.push_back(std::move(node));
  }
  if (!draft.static_peers.empty() &&
      std::ranges::find(peers.nodes, draft.result.broker.node) == peers.nodes.end()) {
    problems.push_back(list->where + ": must have this node, " + draft.result.broker.node +
                       "; the first in it is " + peers.nodes.front());
  }
  if (!peers.expected_members) peers.expected_members = static_cast<int>(peers.nodes.size());
}

// An observation may be three looks old, at least 5 s.
void reader::complete_health() {
  const interval_settings& intervals = draft.result.intervals;
  draft.result.health.stale_after = std::max<base::duration>(5s, 3 * intervals.check);
  draft.result.health.ports_stale_after = std::max<base::duration>(5s, 3 * intervals.connect);
}

void reader::complete_formation() {
  formation_settings& formation = draft.result.formation;
  const bool wired = !look_up(setting_named("conf-dir"))->is_default;
  formation.mode = draft.formation.value_or(wired ? formation_mode::gate : formation_mode::observe);
  if (formation.mode != formation_mode::gate) return;
  if (draft.result.pod.uid.empty()) {
    problems.emplace_back(
        "POD_UID: the start gate needs the pod's uid, to tell it from the pods that had its name "
        "before: set it by the downward API (fieldPath: metadata.uid)");
  }
  const peers_settings& peers = draft.result.peers;
  const auto folder = [](const std::string& path) {
    return (std::filesystem::path(path) / "").lexically_normal();
  };
  const bool same_folder = folder(std::filesystem::path(peers.file).parent_path().string()) ==
                           folder(formation.conf_dir);
  if (!peers.file.empty() && peers.format == peers_format::rabbitmq && same_folder) {
    problems.push_back(look_up(setting_named("peers-file"))->where +
                       ": the start gate writes 90-warren.conf in the same folder, and the broker "
                       "would read both; leave the peer file out, or set --formation=observe");
  }
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

std::vector<setting_value> reader::values() const {
  std::vector<setting_value> all;
  for (const settings_group& group : settings_table()) {
    for (const setting& s : group.settings) {
      auto value = look_up(s);
      if (!value) continue;
      all.push_back({&s, s.secret ? "" : std::move(value->text), std::move(value->source)});
    }
  }
  return all;
}

// Every key of the configuration and every variable that is not empty.
std::vector<given_value> reader::all_given() const {
  std::vector<given_value> all;
  all.reserve(given.size());
  for (const auto& [key, value] : given) all.push_back(value);
  for (const std::string& name : sources.variables) {
    auto value = sources.variable(name);
    if (value && !value->empty()) all.push_back({name, std::move(*value), ""});
  }
  return all;
}

}  // namespace

std::string_view name(peer_source s) {
  switch (s) {
    case peer_source::kubernetes:
      return "kubernetes";
    case peer_source::dns:
      return "dns";
    case peer_source::fixed:
      return "static";
  }
  return "unknown";
}

std::variant<found_settings, std::vector<std::string>> find_settings(
    const settings_sources& sources) {
  reader r{sources, parse_flags(sources.arguments), {}, {}, {}, {}};
  r.problems = r.arguments.problems;
  std::ranges::move(unknown_variables(sources.variables), std::back_inserter(r.problems));
  r.read_conf();
  for (const settings_group& group : settings_table()) {
    for (const setting& s : group.settings) r.read(s);
  }
  r.complete_pod();
  r.complete_node();
  r.complete_peers();
  r.complete_api_server();
  r.complete_health();
  r.complete_formation();
  r.check_combinations();
  if (!r.problems.empty()) return std::move(r.problems);
  found_settings all;
  all.values = r.values();
  all.classic = find_classic_settings(r.all_given(), r.draft.result);
  all.result = std::move(r.draft.result);
  return all;
}

std::variant<settings, std::vector<std::string>> read_settings(const settings_sources& sources) {
  auto found = find_settings(sources);
  if (auto* problems = std::get_if<std::vector<std::string>>(&found)) return std::move(*problems);
  return std::move(std::get<found_settings>(found).result);
}

}  // namespace warren::agent
