#pragma once

#include <cstdint>
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

}  // namespace warren::rabbitmq
