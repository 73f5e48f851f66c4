#pragma once

#include "agent/domain/formation.hpp"
#include "agent/domain/health.hpp"
#include "agent/domain/peers.hpp"
#include "agent/log.hpp"
#include "agent/peers_file.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace warren::agent {

struct listen_address {
  std::string address = "::";  // an IP address; "::" takes IPv4 too
  std::uint16_t port = 15690;  // 0: the system chooses
};

struct broker_settings {
  std::string node;  // "rabbit@rmq-0"
  bool long_names = false;
  std::string cookie_file;
  base::secret cookie;  // RABBITMQ_ERLANG_COOKIE; if empty, cookie_file is read
  std::uint16_t epmd_port = 4369;
  std::vector<std::string> addresses;  // IP addresses of the broker's host, tried in this order
};

struct kubernetes_settings {
  bool tls = true;
  std::string host;  // a name or an IP address, without brackets
  std::uint16_t port = 443;
  std::string token_path;      // these three are read again as they rotate
  std::string ca_path;         // the API server's certificate must be signed by it
  std::string namespace_path;  // read if pod.name_space is empty
};

struct pod_settings {
  std::string name;
  std::string name_space;  // empty: what kubernetes.namespace_path says
  std::string uid;         // empty: Events do not show in `kubectl describe pod`
  std::string ip;          // empty: not known
  std::string stateful_set;
};

enum class peer_source { kubernetes, dns, fixed };
std::string_view name(peer_source s);  // "kubernetes", "dns", "static"

struct peers_settings {
  peer_source source = peer_source::kubernetes;
  std::string service;
  std::vector<std::string> nodes;  // fixed: the node names, in the order in which they were given
  std::string dns_name;            // empty: made from the Service, see domain::service_in_dns
  std::string dns_port_name;
  // What is not read from the StatefulSet. With fixed never empty.
  std::optional<int> expected_members;
  domain::name_rules rules;
  std::string file;  // empty: none is written
  peers_format format = peers_format::rabbitmq;
  std::vector<std::string> command;  // program and arguments, run after the file has changed
  base::duration interval{};         // of DNS; of Endpoints, where slices may not be watched
};

struct interval_settings {
  base::duration check{};    // of the checks, and of looking at the listening sockets
  base::duration connect{};  // of really connecting to every listener
  base::duration members{};  // of asking for the cluster's members
};

enum class formation_mode { observe, gate };

struct formation_settings {
  formation_mode mode = formation_mode::observe;
  domain::formation_settings rules;
  std::string conf_dir;             // where 90-warren.conf is written
  std::string data_dir;             // the folder of the broker's data, with one folder a node
  std::string enabled_plugins;      // a file, which may be missing
  std::string broker_version;       // "4.3.6"; empty: not given
  std::string broker_version_file;  // read where it is not; empty: there is none
  base::duration lock_duration{};   // of the Lease
};

struct log_settings {
  log_format format = log_format::text;
  log_level level = log_level::info;
};

// Everything that can be set, checked and complete. What each one means, its names, its range and
// its default: settings_table.cpp. A part gets its own struct, never the whole.
struct settings {
  listen_address listen;
  std::string admin_socket;  // path of the Unix socket on which the agent takes orders
  broker_settings broker;
  kubernetes_settings kubernetes;
  pod_settings pod;
  peers_settings peers;
  domain::health_settings health;
  formation_settings formation;
  interval_settings intervals;
  log_settings log;
};

struct conf_file {
  std::string path;
  std::string text;
};

// A rabbitmq.conf and the conf.d beside it, in the order in which the broker reads them.
struct conf_files {
  std::vector<conf_file> files;
  std::vector<base::failure> failures;  // detail is the path
};

// Where settings come from. process_sources() gives those of this process.
struct settings_sources {
  std::vector<std::string> arguments;  // without program and command
  std::function<std::optional<std::string>(const std::string& name)> variable;
  std::function<conf_files(const std::string& path)> conf;
  std::string host_name;                   // of the machine or the pod
  std::vector<std::string> variables;      // the names of all that are set
  std::vector<std::string> own_addresses;  // of its interfaces, neither loopback nor link-local
};
settings_sources process_sources(std::vector<std::string> arguments);

// Flag before WARREN_* before the broker's and the plugin's variables before rabbitmq.conf before
// the default; an empty variable counts as not set. Else every problem, one text each: the name and
// value of what is wrong, and what is allowed. Pure but for the functions in `sources`.
std::variant<settings, std::vector<std::string>> read_settings(const settings_sources& sources);

// The flags for --help, by group.
std::string settings_help();

// The tables for README, by group.
std::string settings_markdown();

}  // namespace warren::agent
