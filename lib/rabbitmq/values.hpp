#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace warren::rabbitmq {

// rabbit_boot_state:get/0.
enum class boot_state { stopped, booting, core_started, ready, stopping };

// A TCP listener of one node.
struct listener {
  std::string protocol;  // "amqp", "amqp/ssl", "http", "clustering", ...
  std::string address;   // an IP address; "::" and "0.0.0.0" mean every one
  std::uint16_t port = 0;
  friend bool operator==(const listener&, const listener&) = default;
};

// The cluster as one node sees it. Sorted.
struct membership {
  std::vector<std::string> members;
  std::vector<std::string> running;      // those that the node reaches, itself included
  std::vector<std::string> partitioned;  // up to 4.2: those it is partitioned from
  friend bool operator==(const membership&, const membership&) = default;
};

// Where a cluster keeps its members, users, queues: Mnesia up to 3.x, Khepri from 4.3 on, in
// between what the feature flag khepri_db says.
enum class metadata_store { unknown, mnesia, khepri };

// What formation is decided from. Each part stands for itself: what a broker that boots, is stopped
// or has not answered in time does not tell is empty, and empty never means "none".
struct formation_facts {
  std::string version;  // "4.3.6"
  std::optional<boot_state> boot;
  metadata_store store = metadata_store::unknown;
  // The persistent one, which a first boot makes up and a joining node takes over. Not known while
  // the broker's database is down.
  std::string cluster_id;
  // As the node itself sees it. Not known while it boots, for it may be about to join another. Of a
  // stopped broker known with Mnesia alone, as it was when it stopped.
  std::optional<membership> cluster;
  // When the Erlang VM started, by the node's own wall clock: what 3.13 and later order the nodes
  // by that they discover.
  std::optional<base::wall_time> began;
  std::string data_folder;  // of this node: "/var/lib/rabbitmq/mnesia/rabbit@rmq-0"
  friend bool operator==(const formation_facts&, const formation_facts&) = default;
};

// Whether a node holds nothing but what its first boot alone has put there.
struct own_content {
  bool first_boot_only = false;
  // At most what definitions bring to every node as it boots, but no queue, so that no message can
  // be lost with it.
  bool importable_only = false;
  std::string found;  // what it holds besides, for people; empty if first_boot_only
  friend bool operator==(const own_content&, const own_content&) = default;
};

}  // namespace warren::rabbitmq
