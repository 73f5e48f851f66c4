#pragma once

#include "agent/domain/transitions.hpp"
#include "agent/log.hpp"
#include "agent/settings.hpp"
#include "agent/snapshot_store.hpp"
#include "agent/tasks/found_peers.hpp"
#include "async/awaitable.hpp"
#include "kubernetes/endpoint_source.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <string>
#include <vector>

namespace warren::agent {

// Whether the agent talks to the API server at all: its peers come from there, or there are
// credentials (a token in its file; plain HTTP needs none), so that Events can be written
// and the StatefulSet perhaps be read.
bool uses_api_server(const settings& s);

// The pod's namespace: the setting, else what kubelet's file says.
base::result<std::string> name_space_of(const settings& s);

// Keeps the peers in the store equal to what Kubernetes says: the endpoints of the Service, and the
// size of the StatefulSet where it may be read. Owner: the worker; must outlive run().
class peer_watch {
 public:
  // `found` takes what run() sees.
  peer_watch(const boost::asio::any_io_executor& executor, snapshot_store& store,
             found_peers& found, const settings& s);

  // Ends only by cancellation.
  async::awaitable<void> run();
  // The same for the StatefulSet; at once if its name is not known.
  async::awaitable<void> watch_stateful_set();

  [[nodiscard]] kubernetes::api_client& api() { return api_; }
  [[nodiscard]] const kubernetes::api_client& api() const { return api_; }
  // Empty until the StatefulSet has been read.
  [[nodiscard]] const std::string& stateful_set_uid() const { return stateful_set_uid_; }

 private:
  void take(const std::vector<kubernetes::endpoint>& endpoints);

  snapshot_store& store_;
  found_peers& found_;
  domain::name_rules rules_;
  // The setting says how many members there should be, as long as the StatefulSet has not.
  bool expected_is_set_;
  std::string stateful_set_;
  kubernetes::api_client api_;
  kubernetes::endpoint_source source_;
  std::string stateful_set_uid_;
  told_once said_;
};

// What a failed look for peers means to people.
domain::discovery_problem discovery_problem_of(const base::error_code& code);

}  // namespace warren::agent
