#pragma once

#include "agent/domain/formation_types.hpp"
#include "tests/simulation/plan.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace warren::simulation {

struct world;

enum class api_code { ok, conflict, not_found, forbidden, failed };

struct lease {
  std::string holder;  // empty: released
  std::optional<domain::cluster_record> record;
  long version = 0;  // resourceVersion: of the whole server, never given twice
};

struct api_answer {
  api_code code = api_code::failed;
  std::optional<lease> what;  // reads, and what a write has made
  std::string detail;
  int claims = 0;  // of the StatefulSet: the ordinals below have one
};

enum class lease_name { lock, record };

// The Kubernetes API server's Leases, and the way to it.
class api_server {
 public:
  explicit api_server(world& w) : w_(w) {}

  // Sends a request of node `from`. `serve` runs when it arrives, if it does, whether its sender is
  // still there or not; `reply` with the answer, or with a failure when it took too long.
  void request(int from, std::function<api_answer()> serve,
               std::function<void(const api_answer&)> reply);

  api_answer get(lease_name which) const;
  // Creates it; conflict if it is there.
  api_answer create(lease_name which, lease what);
  // Replaces it if it has this version.
  api_answer update(lease_name which, lease what, long version);
  void erase(lease_name which);

  // The members that the record has named last, whoever has replaced it since.
  [[nodiscard]] const std::vector<std::string>& last_members() const { return last_members_; }

  int leases_forbidden = 0;
  int claims_forbidden = 0;

 private:
  std::optional<lease>& at(lease_name which) { return which == lease_name::lock ? lock_ : record_; }
  [[nodiscard]] bool forbids_leases() const;

  world& w_;
  api_answer put(lease_name which, lease what);

  std::vector<std::string> last_members_;
  std::optional<lease> lock_;
  std::optional<lease> record_;
  long last_version_ = 0;
};

}  // namespace warren::simulation
