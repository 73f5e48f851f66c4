#pragma once

#include "agent/settings.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace warren::agent {

// A key that 90-warren.conf cannot overrule.
struct conf_conflict {
  std::string path;
  std::size_t line = 0;  // 0: not known
  std::string key;
  std::string why;  // what it does, for people
  friend bool operator==(const conf_conflict&, const conf_conflict&) = default;
};

// The keys that must be removed before a door can be relied on. `files` are rabbitmq.conf and those
// of conf_dir; what stands in 90-warren.conf itself does not count. Of a key that is set twice the
// broker takes the value that it reads last (3.10, 4.0, 4.3), so there are two kinds:
// - cluster_formation.classic_config.nodes.N, unless N is 1, which a door sets too: the broker
// looks
//   for that node besides the door's;
// - a key of a door in a file of conf_dir that is read after 90-warren.conf.
std::vector<conf_conflict> conflicting_keys(std::span<const conf_file> files,
                                            const std::string& conf_dir);

// The same for the text of advanced.config, whose terms the broker lays over all of conf.d: of the
// application rabbit it may have neither cluster_nodes nor cluster_formation. Total.
std::vector<conf_conflict> conflicting_terms(const std::string& path, std::string_view text);

// All of them: conf_dir and, as far as they are there and can be read, rabbitmq.conf and
// advanced.config beside it. Reads files, at most 256 of 1 MiB.
std::vector<conf_conflict> look_for_conflicts(const std::string& conf_dir);

// The thing, the cause and the cure.
std::string text_of(const conf_conflict& conflict);

}  // namespace warren::agent
