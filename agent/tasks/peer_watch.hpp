#pragma once

#include "agent/domain/transitions.hpp"
#include "agent/log.hpp"
#include "agent/settings.hpp"
#include "agent/snapshot_store.hpp"
#include "async/awaitable.hpp"
#include "kubernetes/endpoint_source.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <optional>

namespace warren::agent {

struct peer_watch_counters {
  std::uint64_t good = 0;    // looks that gave the peers, or confirmed them
  std::uint64_t failed = 0;  // looks that did not
  std::optional<base::wall_time> last_success;
};

// Keeps the peers in the store equal to what Kubernetes says: the endpoints of the Service, and the
// size of the StatefulSet where it may be read. Owner: the worker; must outlive run().
class peer_watch {
 public:
  peer_watch(const boost::asio::any_io_executor& executor, snapshot_store& store,
             const settings& s);

  // Ends only by cancellation.
  async::awaitable<void> run();
  // The same for the StatefulSet; at once if its name is not known.
  async::awaitable<void> watch_stateful_set();

  [[nodiscard]] kubernetes::api_client& api() { return api_; }
  [[nodiscard]] const kubernetes::api_client& api() const { return api_; }
  [[nodiscard]] const peer_watch_counters& counters() const { return counters_; }
  // Empty until the StatefulSet has been read.
  [[nodiscard]] const std::string& stateful_set_uid() const { return stateful_set_uid_; }

 private:
  void take(const std::vector<kubernetes::endpoint>& endpoints);
  void note_success();
  void note_failure(const base::failure& why);

  snapshot_store& store_;
  domain::name_rules rules_;
  std::string stateful_set_;
  kubernetes::api_client api_;
  kubernetes::endpoint_source source_;
  std::string stateful_set_uid_;
  told_once said_;
  peer_watch_counters counters_;
};

// What a failed look for peers means to people.
domain::discovery_problem discovery_problem_of(const base::error_code& code);

}  // namespace warren::agent
