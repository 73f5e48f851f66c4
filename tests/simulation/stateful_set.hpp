#pragma once

#include "tests/simulation/pod.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace warren::simulation {

// The StatefulSet's controller, its claims, the kubelets and the list of endpoints.
class stateful_set {
 public:
  explicit stateful_set(world& w);

  void begin();
  // The pod of that ordinal, also while it ends; null if there is none.
  pod* at(int ordinal);
  pod* with_uid(const std::string& uid);
  broker* broker_at(int ordinal);
  [[nodiscard]] const pod* current(int ordinal) const { return current_[index(ordinal)]; }
  [[nodiscard]] const std::vector<std::unique_ptr<pod>>& pods() const { return pods_; }
  // The volume that a pod of that ordinal has, or would get; null if there is none.
  disk* volume(int ordinal);
  [[nodiscard]] bool claim_exists(int ordinal) const;
  [[nodiscard]] bool ever_lost(int ordinal) const { return lost_[index(ordinal)]; }  // its disk
  [[nodiscard]] int replicas() const { return replicas_; }
  [[nodiscard]] bool complete();  // every pod is there and has Warren

  using endpoints = std::array<std::string, most_nodes>;  // uids; empty: not listed
  [[nodiscard]] const endpoints& listed(time_point at) const;

  // A pod in which nothing starts by itself.
  pod& place(int ordinal, bool has_warren);
  // Its processes end at once, and it is no more.
  void end(pod& p, bool with_claim);
  void remove_pod(int ordinal, bool with_claim);
  void scale(int replicas) { replicas_ = replicas; }
  void restart_agent(pod& p, bool whole_container);
  void gate_opened(pod& p);
  void broker_ended(pod& p);

 private:
  void tick();
  void roll();
  void make(int ordinal, bool has_warren);
  void list_changed();
  void lose(const std::shared_ptr<disk>& volume);
  void seed_cluster();
  [[nodiscard]] static std::size_t index(int n) { return static_cast<std::size_t>(n); }

  world& w_;
  int replicas_;
  int made_ = 0;
  std::vector<std::unique_ptr<pod>> pods_;  // all that ever were
  std::array<pod*, most_nodes> current_{};
  std::array<std::shared_ptr<disk>, most_nodes> claims_{};
  std::array<bool, most_nodes> lost_{};
  std::array<int, most_nodes> restarts_{};
  std::array<time_point, most_nodes> not_before_{};
  std::vector<std::pair<time_point, endpoints>> lists_;
};

}  // namespace warren::simulation
