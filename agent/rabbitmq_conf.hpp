#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace warren::agent {

// One `key = value` of a rabbitmq.conf.
struct conf_setting {
  std::string key;    // "cluster_formation.k8s.service_name"
  std::string value;  // without quotes and comment
  std::size_t line = 0;
  friend bool operator==(const conf_setting&, const conf_setting&) = default;
};

// The settings of a rabbitmq.conf in their order, duplicates included (the broker takes the last).
// The format is cuttlefish's: '#' begins a comment, also behind a value; a value in single quotes
// may hold one. Total: lines that are no settings (`include` too) are skipped; the broker itself
// complains of what is wrong in them.
std::vector<conf_setting> parse_rabbitmq_conf(std::string_view text);

}  // namespace warren::agent
