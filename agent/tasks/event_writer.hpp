#pragma once

#include "agent/domain/transitions.hpp"
#include "agent/settings.hpp"
#include "async/awaitable.hpp"
#include "kubernetes/event_recorder.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace warren::agent {

// Writes the Events of the decisions to Kubernetes, about this pod or its StatefulSet. Without the
// names of both (POD_NAME, POD_NAMESPACE) it writes none. The API client must outlive it, and it
// outlives its run().
class event_writer {
 public:
  event_writer(const boost::asio::any_io_executor& executor, kubernetes::api_client& api,
               const settings& s);

  // Never blocks: run() does the writing. As long as the uid of the StatefulSet is not known
  // (empty), its Events are written about the pod: `kubectl describe` shows those that carry the
  // uid.
  void write(domain::event_intent intent, const std::string& stateful_set_uid);
  // Ends only by cancellation.
  async::awaitable<void> run() { return recorder_.run(); }
  // Once run() has ended: what is still queued, within the deadline.
  async::awaitable<void> drain(base::time_point deadline) { return recorder_.drain(deadline); }

  [[nodiscard]] const kubernetes::event_counters& counters() const { return recorder_.counters(); }

 private:
  pod_settings pod_;
  std::string name_space_;
  kubernetes::event_recorder recorder_;
};

}  // namespace warren::agent
