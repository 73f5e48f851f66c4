#pragma once

#include "async/awaitable.hpp"
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
  base::duration poll_interval = std::chrono::seconds(5);          // of Endpoints, as a fallback
  base::duration slices_retry_interval = std::chrono::minutes(5);  // while falling back
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
// forbidden or absent (403, 404) the Endpoints object, polled, with slices tried again now and
// then.
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
  async::awaitable<void> poll_until(base::time_point end, std::string why_no_slices);
  async::awaitable<base::result<bool>> poll();
  api_call endpoints_call() const;
  void deliver(std::vector<endpoint> endpoints, endpoint_origin from);
  void failed(const base::failure& why);
  void tell(std::string problem);

  api_client& api_;
  std::string service_;
  endpoint_source_callbacks callbacks_;
  endpoint_source_settings settings_;
  endpoint_slice_reflector reflector_;
  base::backoff poll_backoff_;
  endpoint_origin origin_ = endpoint_origin::none_yet;
  std::optional<std::vector<endpoint>> last_;  // what was delivered
  std::string problem_;
};

}  // namespace warren::kubernetes
