#include "kubernetes/event_recorder.hpp"

#include "kubernetes/errc.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace warren::kubernetes {
namespace {

using async::awaitable;

api_call call_for(const event_request& request, const event_source& source) {
  const event_record& e = request.write.event;
  const bool create = request.write.how == event_write::verb::create;
  api_call call;
  call.what = create ? verb::create : verb::patch;
  call.target = create ? events_path(request.api, e) : event_path(request.api, e);
  call.body = create ? event_body(request.api, e, source) : event_patch(request.api, e);
  call.resource = "events";
  call.object = "in namespace " + e.what.object.name_space;
  call.needs = "create and patch";
  return call;
}

// What a person can do about it. `last` is the failure of the latest try.
base::failure describe(event_problem problem, const api_call& call, base::failure last) {
  const std::string where = call.resource + " " + call.object;
  switch (problem) {
    case event_problem::forbidden:
      return {errc::forbidden, "403 from " + where +
                                   ": the Role needs create and patch on events in the group "
                                   "events.k8s.io"};
    case event_problem::not_found:
      return {errc::not_found, "404 from " + where + ": there is no such namespace"};
    case event_problem::refused:
    case event_problem::unreachable:
      break;
  }
  return last;
}

}  // namespace

event_recorder::event_recorder(const async::asio::any_io_executor& executor, api_client& api,
                               event_recorder_settings settings, problem_handler on_problem,
                               std::uint64_t seed)
    : api_(api),
      settings_(std::move(settings)),
      on_problem_(std::move(on_problem)),
      series_(settings_.series),
      delivery_(settings_.delivery, seed),
      recorded_(executor) {}

void event_recorder::record(event what) {
  event_decision decision =
      series_.record(std::move(what), base::steady::now(), base::wall_clock::now());
  if (decision.fate == event_fate::dropped) delivery_.count_dropped();
  queue(std::move(decision.writes));
  recorded_.notify();
}

awaitable<void> event_recorder::run() {
  for (;;) {
    const base::time_point now = base::steady::now();
    queue(series_.due(now));
    std::optional<event_request> request = delivery_.next(now);
    if (request) {
      co_await send(std::move(*request), now + settings_.request_timeout);
      continue;
    }
    const auto never = base::time_point::max();
    const base::time_point wake =
        std::min(series_.next_due().value_or(never), delivery_.wake_at().value_or(never));
    co_await recorded_.wait_until(wake);
  }
}

awaitable<void> event_recorder::drain(base::time_point deadline) {
  queue(series_.end_all());
  for (;;) {
    const base::time_point now = base::steady::now();
    if (now >= deadline) co_return;
    std::optional<event_request> request = delivery_.next(now);
    if (request) {
      const base::time_point by = std::min(deadline, now + settings_.request_timeout);
      co_await send(std::move(*request), by);
      continue;
    }
    const std::optional<base::time_point> wake = delivery_.wake_at();
    if (!wake || *wake >= deadline) co_return;
    co_await async::sleep_until(*wake);
  }
}

awaitable<void> event_recorder::send(event_request request, base::time_point deadline) {
  const api_call call = call_for(request, settings_.source);
  const api_result<http::response> response = co_await api_.send(call, deadline);
  const base::time_point now = base::steady::now();
  if (response) {
    delivery_.answered({.status = response->status}, now);
    co_return;
  }
  const api_failure& failed = response.error();
  const auto problem =
      delivery_.answered({.status = failed.status, .retry_after = failed.retry_after}, now);
  if (problem) on_problem_(describe(*problem, call, failed.why));
}

void event_recorder::queue(std::vector<event_write> writes) {
  for (event_write& w : writes) delivery_.push(std::move(w));
}

}  // namespace warren::kubernetes
