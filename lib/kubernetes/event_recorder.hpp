#pragma once

#include "async/awaitable.hpp"
#include "async/wakeup.hpp"
#include "kubernetes/api_client.hpp"
#include "kubernetes/event.hpp"
#include "kubernetes/event_delivery.hpp"
#include "kubernetes/event_json.hpp"
#include "kubernetes/event_series.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace warren::kubernetes {

struct event_recorder_settings {
  event_source source;
  base::duration request_timeout = std::chrono::seconds(10);
  event_series_settings series;
  event_delivery_settings delivery;
};

// Writes Kubernetes Events: record() decides and queues, run() posts. What is lost on the way is
// counted; why Events do not arrive is told once, until one has arrived again. Single-threaded; the
// API client outlives it, and it outlives its run().
class event_recorder {
 public:
  using problem_handler = std::function<void(const base::failure&)>;

  event_recorder(const async::asio::any_io_executor& executor, api_client& api,
                 event_recorder_settings settings, problem_handler on_problem,
                 std::uint64_t seed = 1);

  // Takes an Event for run() to write. Returns at once, does no IO, and memory stays bounded:
  // repeats are counted, floods dropped.
  void record(event what);

  // Posts in the order of record(), until it is cancelled.
  async::awaitable<void> run();

  // For the shutdown, once run() has ended: writes what is queued, and the last counts of all
  // series. Ends when that is done, by `deadline`, or as soon as the API would have to be waited
  // for beyond it.
  async::awaitable<void> drain(base::time_point deadline);

  [[nodiscard]] const event_counters& counters() const { return delivery_.counters(); }

 private:
  async::awaitable<void> send(event_request request, base::time_point deadline);
  void queue(std::vector<event_write> writes);

  api_client& api_;
  event_recorder_settings settings_;
  problem_handler on_problem_;
  event_series series_;
  event_delivery delivery_;
  async::wakeup recorded_;
};

}  // namespace warren::kubernetes
