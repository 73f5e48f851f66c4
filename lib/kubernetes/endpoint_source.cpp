#include "kubernetes/endpoint_source.hpp"

#include "http/message.hpp"
#include "kubernetes/endpoints_json.hpp"

#include <algorithm>
#include <utility>

namespace warren::kubernetes {
namespace {

using async::awaitable;

base::backoff_settings poll_backoff(base::duration interval) {
  base::backoff_settings out;
  out.first = interval;
  out.cap = std::max<base::duration>(interval, std::chrono::seconds(30));
  return out;
}

std::string in_seconds(base::duration d) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
  std::string text = std::to_string(ms / 1000);
  if (ms % 1000 != 0) text += "." + std::to_string(ms % 1000 / 100);
  return text + " s";
}

}  // namespace

endpoint_source::endpoint_source(api_client& api, std::string service,
                                 endpoint_source_callbacks callbacks,
                                 endpoint_source_settings settings, std::uint64_t seed)
    : api_(api),
      service_(service),
      callbacks_(std::move(callbacks)),
      settings_(settings),
      reflector_(api, std::move(service),
                 {.on_change =
                      [this](const endpoint_slice_store& store) {
                        deliver(store.endpoints(), endpoint_origin::slices);
                      },
                  .on_confirmed =
                      [this] {
                        tell("");
                        callbacks_.on_confirmed();
                      },
                  .on_failure = [this](const api_failure& f) { failed(f.why); }},
                 settings.slices, seed),
      poll_backoff_(poll_backoff(settings.poll_interval), seed) {}

awaitable<void> endpoint_source::run() {
  for (;;) {
    const api_failure refused = co_await reflector_.run();
    co_await poll_until(base::steady::now() + settings_.slices_retry_interval, refused.why.detail);
  }
}

awaitable<void> endpoint_source::poll_until(base::time_point end, std::string why_no_slices) {
  const std::string fallback = why_no_slices + "; Endpoints are polled every " +
                               in_seconds(settings_.poll_interval) + " instead";
  while (base::steady::now() < end) {
    base::duration pause = settings_.poll_interval;
    const base::result<bool> truncated = co_await poll();
    if (!truncated) {
      failed(base::failure(truncated.error().code,
                           truncated.error().detail + "; and " + why_no_slices));
      pause = poll_backoff_.next(base::steady::now());
    } else {
      poll_backoff_.reset();
      std::string notice = fallback;
      if (*truncated) notice += "; the Endpoints object is truncated at 1000 addresses";
      tell(std::move(notice));
      callbacks_.on_confirmed();
    }
    co_await async::sleep_until(std::min(end, base::steady::now() + pause));
  }
}

api_call endpoint_source::endpoints_call() const {
  const std::string& name_space = api_.where().name_space;
  api_call out;
  out.what = verb::get;
  out.target = "/api/v1/namespaces/" + http::percent_encode(name_space) + "/endpoints/" +
               http::percent_encode(service_);
  out.resource = "endpoints";
  out.object = service_ + " in namespace " + name_space;
  out.needs = "get";
  return out;
}

// One look at the Endpoints object. True if it is truncated.
awaitable<base::result<bool>> endpoint_source::poll() {
  const base::time_point deadline = base::steady::now() + settings_.slices.request_timeout;
  const api_result<http::response> answer = co_await api_.send(endpoints_call(), deadline);
  if (!answer) co_return answer.error().why;
  base::result<endpoints_object> object = parse_endpoints(answer->body);
  if (!object) co_return object.error();
  deliver(std::move(object->endpoints), endpoint_origin::endpoints);
  co_return object->truncated;
}

void endpoint_source::deliver(std::vector<endpoint> endpoints, endpoint_origin from) {
  origin_ = from;
  if (last_ == endpoints) return;
  last_ = endpoints;
  callbacks_.on_endpoints(std::move(endpoints));
}

void endpoint_source::failed(const base::failure& why) {
  tell(why.text());
  callbacks_.on_failure(why);
}

void endpoint_source::tell(std::string problem) {
  if (problem == problem_) return;
  problem_ = std::move(problem);
  callbacks_.on_problem(problem_);
}

}  // namespace warren::kubernetes
