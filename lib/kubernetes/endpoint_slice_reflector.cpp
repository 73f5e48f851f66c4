#include "kubernetes/endpoint_slice_reflector.hpp"

#include "http/errc.hpp"
#include "http/message.hpp"
#include "kubernetes/errc.hpp"
#include "kubernetes/watch_decoder.hpp"

#include <iterator>
#include <utility>

namespace warren::kubernetes {
namespace {

using async::awaitable;

api_failure without_answer(base::failure why) {
  return {std::move(why), 0, std::nullopt};
}

bool is_refusal(const api_failure& why) {
  return why.status == 403 || why.status == 404;
}

api_failure failure_of(const watch_event& error, std::string object) {
  api_failure out;
  const errc code = error.code == 410 ? errc::gone : errc::server_error;
  out.why = base::failure(code, "watch of endpointslices " + std::move(object) + ": " +
                                    std::to_string(error.code) + " " + error.message);
  out.status = error.code == 0 ? 500 : error.code;
  out.retry_after = error.retry_after;
  return out;
}

}  // namespace

endpoint_slice_reflector::endpoint_slice_reflector(api_client& api, std::string service,
                                                   reflector_callbacks callbacks,
                                                   reflector_settings settings, std::uint64_t seed)
    : api_(api),
      service_(std::move(service)),
      callbacks_(std::move(callbacks)),
      settings_(settings),
      policy_(settings.policy, seed) {}

api_call endpoint_slice_reflector::call(verb what, const std::string& query) const {
  const std::string& name_space = api_.where().name_space;
  api_call out;
  out.what = what;
  out.target = "/apis/discovery.k8s.io/v1/namespaces/" + http::percent_encode(name_space) +
               "/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3D" +
               http::percent_encode(service_) + query;
  out.resource = "endpointslices.discovery.k8s.io";
  out.object = "of service " + service_ + " in namespace " + name_space;
  out.needs = "list and watch";
  return out;
}

awaitable<api_failure> endpoint_slice_reflector::run() {
  listed_ = false;
  for (;;) {
    if (policy_.next().not_before > base::steady::now()) {
      co_await async::sleep_until(policy_.next().not_before);
    }
    std::optional<api_failure> failed;
    if (policy_.next().what == list_watch_step::kind::list) {
      failed = co_await list();
    } else {
      failed = co_await watch();
    }
    if (!failed) continue;
    ++counters_.failures;
    if (is_refusal(*failed)) co_return std::move(*failed);
    callbacks_.on_failure(*failed);
  }
}

// One page.
awaitable<std::optional<api_failure>> endpoint_slice_reflector::list() {
  const list_watch_step step = policy_.next();
  std::string query;
  if (step.limit > 0) query += "&limit=" + std::to_string(step.limit);
  if (!step.continue_token.empty()) {
    query += "&continue=" + http::percent_encode(step.continue_token);
  } else {
    pages_.clear();
    if (!step.resource_version.empty()) {
      query += "&resourceVersion=" + http::percent_encode(step.resource_version);
    }
  }
  std::optional<api_failure> failed;
  {
    api_result<http::response> answer = co_await api_.send(
        call(verb::list, query), base::steady::now() + settings_.request_timeout);
    if (!answer) {
      failed = answer.error();
    } else if (auto page = parse_endpoint_slice_list(answer->body); !page) {
      failed = without_answer(page.error());
    } else if (pages_.size() + page->slices.size() > max_slices) {
      failed = without_answer(base::failure(errc::answer_too_large, "list of endpointslices"));
    } else {
      std::move(page->slices.begin(), page->slices.end(), std::back_inserter(pages_));
      policy_.listed(page->resource_version, page->continue_token);
      if (page->continue_token.empty()) accept_list();
    }
  }
  if (failed) policy_.list_failed(*failed, base::steady::now());
  co_return failed;
}

void endpoint_slice_reflector::accept_list() {
  ++counters_.lists;
  const bool changed = store_.replace(std::exchange(pages_, {}));
  const bool first = !std::exchange(listed_, true);
  if (changed || first) callbacks_.on_change(store_);
  callbacks_.on_confirmed();
}

awaitable<std::optional<api_failure>> endpoint_slice_reflector::watch() {
  const list_watch_step step = policy_.next();
  const std::string query = "&watch=true&allowWatchBookmarks=true&resourceVersion=" +
                            http::percent_encode(step.resource_version) +
                            "&timeoutSeconds=" + std::to_string(step.timeout.count());
  const base::time_point start = base::steady::now();
  api_result<http::body_stream> opened =
      co_await api_.stream(call(verb::watch, query), start + settings_.request_timeout);
  std::optional<api_failure> why;
  if (!opened) {
    why = opened.error();
    policy_.watch_ended(why, base::duration::zero(), base::steady::now());
    co_return why;
  }
  ++counters_.watches;
  callbacks_.on_confirmed();
  const base::time_point begun = base::steady::now();
  why = co_await follow(std::move(*opened), begun + step.timeout + settings_.policy.slack);
  const base::time_point now = base::steady::now();
  const bool failed = policy_.watch_ended(why, now - begun, now);
  if (failed && !why) {
    why = without_answer(base::failure(errc::watch_ended_at_once, api_.where().host));
  }
  if (!failed) why.reset();
  co_return why;
}

// Reads the watch to its end. Nothing if that was the regular one.
awaitable<std::optional<api_failure>> endpoint_slice_reflector::follow(http::body_stream body,
                                                                       base::time_point deadline) {
  watch_decoder decoder;
  std::vector<watch_event> events;
  for (;;) {
    const auto bytes = co_await body.read_some(deadline);
    if (!bytes && bytes.error().code == http::errc::read_body_timeout) {
      co_return without_answer(base::failure(errc::watch_silent, bytes.error().detail));
    }
    if (!bytes) co_return without_answer(bytes.error());
    if (!*bytes) co_return std::nullopt;
    events.clear();
    const std::uint64_t unknown = decoder.unknown_events();
    const base::result<void> decoded = decoder.feed(**bytes, events);
    counters_.unknown_events += decoder.unknown_events() - unknown;
    for (watch_event& event : events) {
      auto ended = take(std::move(event));
      if (ended) co_return ended;
    }
    // What the line said is lost: only a list brings the view in order again.
    if (!decoded) co_return api_failure{decoded.error(), 400, std::nullopt};
  }
}

std::optional<api_failure> endpoint_slice_reflector::take(watch_event event) {
  ++counters_.events;
  if (event.type == watch_event_type::error) {
    return failure_of(event, "of service " + service_);
  }
  policy_.saw(event.slice.resource_version);
  const bool is_bookmark = event.type == watch_event_type::bookmark;
  if (!is_bookmark && store_.apply(std::move(event))) callbacks_.on_change(store_);
  callbacks_.on_confirmed();
  return std::nullopt;
}

}  // namespace warren::kubernetes
