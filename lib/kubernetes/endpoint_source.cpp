#include "kubernetes/endpoint_source.hpp"

#include "async/all_of.hpp"
#include "http/message.hpp"
#include "kubernetes/endpoints_json.hpp"
#include "kubernetes/errc.hpp"

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

// The waits grow until reset(), however long they are.
base::backoff_settings retry_backoff(const endpoint_source_settings& s) {
  base::backoff_settings out;
  out.first = s.first_slices_retry;
  out.cap = s.longest_slices_retry;
  out.jitter = 0.1;
  out.reset_after = base::duration::max();
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
                 {.on_change = [this](const auto& store) { take_slices(store.endpoints()); },
                  .on_confirmed = [this] { confirm_slices(); },
                  .on_failure = [this](const api_failure& f) { failed(f.why); }},
                 settings.slices, seed),
      poll_backoff_(poll_backoff(settings.poll_interval), seed),
      slices_backoff_(retry_backoff(settings), seed),
      service_backoff_(retry_backoff(settings), seed),
      doubt_(api.executor()) {}

awaitable<void> endpoint_source::run() {
  std::vector<awaitable<void>> both;
  both.push_back(watch_slices());
  both.push_back(ask_for_service());
  co_await async::all_of(std::move(both));
}

awaitable<void> endpoint_source::watch_slices() {
  for (;;) {
    watches_before_ = reflector_.counters().watches;
    const api_failure refused = co_await reflector_.run();
    in_doubt_ = false;
    if (reflector_.counters().watches > watches_before_) slices_backoff_.reset();
    const base::time_point now = base::steady::now();
    const base::time_point again = now + slices_backoff_.next(now);
    co_await poll_until(std::max(again, reflector_.next_at()), refused.why.detail);
  }
}

// Where slices may be listed, a wrong name of the Service or the namespace is an empty list.
awaitable<void> endpoint_source::ask_for_service() {
  for (;;) {
    while (!in_doubt_) co_await doubt_.wait_until(base::time_point::max());
    const base::time_point deadline = base::steady::now() + settings_.slices.request_timeout;
    const api_result<http::response> answer = co_await api_.send(endpoints_call(), deadline);
    if (!in_doubt_) continue;
    const base::error_code code = answer ? base::error_code() : answer.error().why.code;
    if (!code || code == errc::forbidden) {
      in_doubt_ = false;
      service_backoff_.reset();
      deliver({}, endpoint_origin::slices);
      confirm_slices();
      continue;
    }
    if (code == errc::not_found) failed(why_not(answer.error()));
    co_await doubt_.wait_for(service_backoff_.next(base::steady::now()));
  }
}

void endpoint_source::take_slices(std::vector<endpoint> endpoints) {
  in_doubt_ = endpoints.empty();
  if (in_doubt_) {
    doubt_.notify();
  } else {
    service_backoff_.reset();
    deliver(std::move(endpoints), endpoint_origin::slices);
  }
}

void endpoint_source::confirm_slices() {
  if (in_doubt_) return;
  // A list alone may be followed by a watch that is forbidden.
  if (reflector_.counters().watches > watches_before_) tell("");
  callbacks_.on_confirmed();
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

// Every Service has an Endpoints object, with addresses or without.
base::failure endpoint_source::why_not(const api_failure& refused) const {
  if (refused.why.code != errc::not_found) return refused.why;
  return {refused.why.code, "404 from endpoints: there is no Service " + service_ +
                                " in namespace " + api_.where().name_space +
                                ": check the Service's name and the pod's namespace"};
}

// One look at the Endpoints object. True if it is truncated.
awaitable<base::result<bool>> endpoint_source::poll() {
  const base::time_point deadline = base::steady::now() + settings_.slices.request_timeout;
  const api_result<http::response> answer = co_await api_.send(endpoints_call(), deadline);
  if (!answer) co_return why_not(answer.error());
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
