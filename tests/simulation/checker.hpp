#pragma once

#include "tests/simulation/disk.hpp"
#include "tests/simulation/plan.hpp"

#include <map>
#include <set>
#include <string>

namespace warren::simulation {

struct world;
class broker;

// What must never be, looked at whenever something of it changes.
class checker {
 public:
  explicit checker(world& w) : w_(w) {}

  [[nodiscard]] const std::string& violation() const { return violation_; }
  void violated(const std::string& what);

  // A broker became ready, or ended, or its members changed.
  void changed();
  void founded(broker& b);         // just about to boot as a cluster of its own
  void discards(const broker& b);  // just about to throw its database away
  void forgets(broker& via, int node);
  void disk_lost(const disk& d);
  // Clients write to whatever takes it.
  void write();

  // All that is expected runs as one cluster, and the agents and the record know.
  [[nodiscard]] bool settled();
  // At the end of a run that settled.
  void check_data();
  [[nodiscard]] bool lost_with_all_copies(const std::string& cluster_id) const {
    return copies_lost_.contains(cluster_id);
  }

 private:
  [[nodiscard]] bool is_told_of(int node, const database& theirs) const;
  [[nodiscard]] bool is_hidden(int node) const;
  void note_majority(const broker& b);
  [[nodiscard]] disk* current_disk(int node);

  world& w_;
  std::string violation_;
  std::map<std::string, long> confirmed_;
  std::set<std::string> copies_lost_;
  std::map<std::string, time_point> majority_at_;  // when a majority of that cluster last ran
};

}  // namespace warren::simulation
