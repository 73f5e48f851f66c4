#pragma once

#include "async/awaitable.hpp"
#include "async/wakeup.hpp"
#include "kubernetes/api_client.hpp"
#include "kubernetes/endpoint.hpp"
#include "kubernetes/endpoint_slice_reflector.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warren::kubernetes {

struct endpoint_source_settings {
  reflector_settings slices;
  base::duration poll_interval = std::chrono::seconds(5);  // of Endpoints, as a fallback
  // While falling back: kube-apiserver also answers 403 for a moment after its start.
  base::duration first_slices_retry = std::chrono::seconds(1);
  base::duration longest_slices_retry = std::chrono::minutes(5);
};

// Each is called from within run().
struct endpoint_source_callbacks {
  std::function<void(std::vector<endpoint>)> on_endpoints;  // all of them: at first and on a change
  std::function<void()> on_confirmed;                       // they are still right
  std::function<void(const base::failure&)> on_failure;     // a look failed; they may be stale
  // What a person should know, told once per change; "" when all is well again. A fallback that
  // works is told here too: it reacts in seconds instead of milliseconds.
  std::function<void(std::string_view)> on_problem;
};

enum class endpoint_origin { none_yet, slices, endpoints };

// The endpoints of one Service, for ever: EndpointSlices by list and watch; where they are
// forbidden or absent (403, 404) the Endpoints object, polled, with slices tried again after
// growing waits. That there are no slices at all is believed only of a Service that has an
// Endpoints object, or where that may not be read: else the Service does not exist (not_found).
class endpoint_source {
 public:
  // `api` must outlive the source. `seed` is for jitter.
  endpoint_source(api_client& api, std::string service, endpoint_source_callbacks callbacks,
                  endpoint_source_settings settings, std::uint64_t seed);
  endpoint_source(const endpoint_source&) = delete;
  endpoint_source& operator=(const endpoint_source&) = delete;

  // Ends by cancellation only.
  async::awaitable<void> run();

  // Where the last endpoints came from.
  [[nodiscard]] endpoint_origin origin() const { return origin_; }
  [[nodiscard]] const reflector_counters& counters() const { return reflector_.counters(); }

 private:
  async::awaitable<void> watch_slices();
  async::awaitable<void> ask_for_service();
  async::awaitable<void> poll_until(base::time_point end, std::string why_no_slices);
  async::awaitable<base::result<bool>> poll();
  api_call endpoints_call() const;
  base::failure why_not(const api_failure& refused) const;
  void take_slices(std::vector<endpoint> endpoints);
  void confirm_slices();
  void deliver(std::vector<endpoint> endpoints, endpoint_origin from);
  void failed(const base::failure& why);
  void tell(std::string problem);

  api_client& api_;
  std::string service_;
  endpoint_source_callbacks callbacks_;
  endpoint_source_settings settings_;
  endpoint_slice_reflector reflector_;
  base::backoff poll_backoff_;
  base::backoff slices_backoff_;
  base::backoff service_backoff_;
  async::wakeup doubt_;
  bool in_doubt_ = false;             // no slices: perhaps there is no such Service
  std::uint64_t watches_before_ = 0;  // the present attempt with slices
  endpoint_origin origin_ = endpoint_origin::none_yet;
  std::optional<std::vector<endpoint>> last_;  // what was delivered
  std::string problem_;
};

}  // namespace warren::kubernetes
