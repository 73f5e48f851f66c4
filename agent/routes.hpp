#pragma once

#include "agent/answers.hpp"
#include "agent/domain/probes.hpp"
#include "agent/snapshot_store.hpp"
#include "async/awaitable.hpp"
#include "http/message.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace warren::agent {

enum class endpoint {
  readyz,
  readyz_check,
  livez,
  livez_check,
  startupz,
  agent_livez,
  metrics,
  peers,
  status
};

// What the TCP listener serves: requests are told apart by this list, and README has it. A path
// that ends in "/CHECK" has one for each check of domain::check.
struct endpoint_help {
  endpoint which;
  std::string_view path;
  std::string_view meaning;
};
const std::vector<endpoint_help>& endpoints();
// The list as README has it.
std::string endpoints_markdown();

// Renders /metrics for an Accept header.
using metrics_page = std::function<http::reply(std::string_view accept)>;
// Told of each probe that was answered: its endpoint ("/readyz") and status.
using probe_counter = std::function<void(std::string_view endpoint, int status)>;

// Answers requests from the snapshot alone: nothing is asked of the broker or the API server, so
// nothing can block. Read-only.
class routes {
 public:
  routes(const snapshot_store& store, domain::health_settings health, identity who,
         metrics_page metrics, probe_counter count);

  // A new worker that knows nothing yet holds a probe until its first look, at most this long.
  static constexpr base::duration first_look = std::chrono::milliseconds(500);

  async::awaitable<http::reply> answer(const http::request& request);

 private:
  async::awaitable<http::reply> health_probe(domain::probe kind, std::string_view path,
                                             const http::request& request,
                                             std::string_view check) const;
  [[nodiscard]] std::vector<domain::check_result> report() const;
  [[nodiscard]] bool has_looked(domain::probe kind) const;
  [[nodiscard]] http::reply startup_probe() const;
  [[nodiscard]] std::string peers() const;

  const snapshot_store& store_;
  domain::health_settings health_;
  identity who_;
  metrics_page metrics_;
  probe_counter count_;
  base::time_point hold_until_;
};

}  // namespace warren::agent
