#pragma once

#include "agent/domain/formation_types.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace warren::simulation {

using node_set = std::vector<int>;  // ordinals, sorted

inline bool has(const node_set& s, int n) {
  return std::ranges::binary_search(s, n);
}
inline void add(node_set& s, int n) {
  const auto at = std::ranges::lower_bound(s, n);
  if (at == s.end() || *at != n) s.insert(at, n);
}
inline void remove(node_set& s, int n) {
  std::erase(s, n);
}

// What a broker keeps of its cluster.
struct database {
  std::string cluster_id;
  node_set members;
  long config = 0;        // grows with each change of the members
  long data = 0;          // how many of the confirmed writes it has
  node_set seen_down;     // Mnesia: who went down while this node ran
  bool finished = false;  // its first boot got as far as the default vhost and user
};

// A volume: outlives its pod, if it has a claim.
struct disk {
  int owner = 0;
  std::optional<database> db;  // nothing: the broker judges itself virgin
  bool touched = false;        // 4.0 and 4.3: files of a boot, though nothing is in the store
  bool half_made = false;      // Mnesia: ended while it made its tables, it never boots again
  // Khepri: a Raft member waits to be added to this cluster.
  std::optional<std::string> joining;
  std::optional<domain::mark> mark;
  bool lost = false;

  [[nodiscard]] bool has_files() const { return db || touched || half_made || joining; }
  // What a person does where a broker never boots again.
  void delete_folder() {
    db.reset();
    joining.reset();
    touched = half_made = false;
  }
};

}  // namespace warren::simulation
