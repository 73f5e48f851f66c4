#pragma once

#include "async/awaitable.hpp"
#include "kubernetes/api_client.hpp"
#include "kubernetes/endpoint_slice_store.hpp"
#include "kubernetes/list_watch_policy.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace warren::kubernetes {

struct reflector_settings {
  list_watch_settings policy;
  base::duration request_timeout = std::chrono::seconds(15);  // a list call, a watch's header
};

struct reflector_counters {
  std::uint64_t lists = 0;    // complete ones
  std::uint64_t watches = 0;  // that the server accepted
  std::uint64_t events = 0;   // bookmarks included
  std::uint64_t unknown_events = 0;
  std::uint64_t failures = 0;
};

// Each is called from within run(), before the next byte is read.
struct reflector_callbacks {
  std::function<void(const endpoint_slice_store&)> on_change;  // the first list of a run() included
  std::function<void()> on_confirmed;  // the view is still right: a list, an event, a bookmark
  std::function<void(const api_failure&)> on_failure;  // the view may be stale from now on
};

// Keeps a view of the EndpointSlices of one Service by list and watch. Obeys list_watch_policy.
class endpoint_slice_reflector {
 public:
  endpoint_slice_reflector(api_client& api, std::string service, reflector_callbacks callbacks,
                           reflector_settings settings, std::uint64_t seed);

  // Lists and watches for ever. Ends only if the server does not let or does not have it (403,
  // 404), with why; calling it again goes on from what was seen. Throws on cancellation.
  async::awaitable<api_failure> run();

  // When the next call is made, at the earliest.
  [[nodiscard]] base::time_point next_at() const { return policy_.next().not_before; }
  [[nodiscard]] const reflector_counters& counters() const { return counters_; }

 private:
  api_call call(verb what, const std::string& query) const;
  async::awaitable<std::optional<api_failure>> list();
  async::awaitable<std::optional<api_failure>> watch();
  async::awaitable<std::optional<api_failure>> follow(http::body_stream body,
                                                      base::time_point deadline);
  std::optional<api_failure> take(watch_event event);
  void accept_list();

  api_client& api_;
  std::string service_;
  reflector_callbacks callbacks_;
  reflector_settings settings_;
  list_watch_policy policy_;
  endpoint_slice_store store_;
  std::vector<endpoint_slice> pages_;  // of a list that is not complete
  bool listed_ = false;
  reflector_counters counters_;
};

}  // namespace warren::kubernetes
