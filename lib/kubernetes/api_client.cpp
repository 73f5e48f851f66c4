#include "kubernetes/api_client.hpp"

#include "http/errc.hpp"
#include "kubernetes/errc.hpp"
#include "kubernetes/status_json.hpp"

#include <algorithm>

namespace warren::kubernetes {
namespace {

using async::awaitable;

http::method method_of(verb v) {
  switch (v) {
    case verb::create:
      return http::method::post;
    case verb::update:
      return http::method::put;
    case verb::patch:
      return http::method::patch;
    case verb::get:
    case verb::list:
    case verb::watch:
      break;
  }
  return http::method::get;
}

errc code_of(int status) {
  switch (status) {
    case 401:
      return errc::unauthorized;
    case 403:
      return errc::forbidden;
    case 404:
      return errc::not_found;
    case 409:
      return errc::conflict;
    case 410:
      return errc::gone;
    case 429:
      return errc::too_many_requests;
    default:
      return status >= 500 ? errc::server_error : errc::rejected;
  }
}

std::string cure(const api_call& call, int status) {
  if (status == 403) return "the Role needs " + call.needs + " on " + call.resource;
  if (status == 401) return "check the service-account token and its audience";
  if (status == 404) return "check its name and the namespace";
  return {};
}

}  // namespace

std::string_view to_string(verb v) {
  switch (v) {
    case verb::get:
      return "get";
    case verb::list:
      return "list";
    case verb::watch:
      return "watch";
    case verb::create:
      return "create";
    case verb::update:
      return "update";
    case verb::patch:
      return "patch";
  }
  return "get";
}

void throw_exception_from_error(const api_failure& f, const boost::source_location& where) {
  base::throw_exception_from_error(f.why, where);
}

api_failure status_failure(const api_call& call, const http::response& answer) {
  // "403 from endpointslices.discovery.k8s.io of service rabbitmq in namespace x: the Role needs …"
  std::string text = std::to_string(answer.status) + " from " + call.resource;
  if (!call.object.empty()) text += " " + call.object;
  const std::string advice = cure(call, answer.status);
  const std::string said = status_message(answer.body);
  if (!advice.empty()) {
    text += ": " + advice;
  } else if (!said.empty()) {
    text += ": " + said;
  }
  api_failure out;
  out.why = base::failure(code_of(answer.status), std::move(text));
  out.status = answer.status;
  if (answer.status == 404) out.missing = missing_object(answer.body);
  // A server that asks for hours would silence the agent for good.
  if (answer.retry_after) {
    out.retry_after = std::min<base::duration>(*answer.retry_after, std::chrono::minutes(5));
  }
  return out;
}

api_client::api_client(async::asio::any_io_executor executor, in_cluster where,
                       std::string user_agent)
    : executor_(std::move(executor)),
      where_(std::move(where)),
      user_agent_(std::move(user_agent)),
      http_(executor_, http::origin{where_.tls, where_.host, where_.port}),
      token_(where_.token_path),
      ca_(where_.ca_path) {}

base::result<void> api_client::refresh_credentials() {
  const base::time_point now = base::steady::now();
  if (!where_.token_path.empty()) {
    const base::result<bool> changed = token_.refresh(now);
    if (!changed) return base::failure(errc::token_unreadable, changed.error().text());
    if (*changed) ++counters_.token_reads;
  }
  if (!where_.tls) return {};
  const base::result<bool> changed = ca_.refresh(now);
  if (!changed) return base::failure(errc::ca_unreadable, changed.error().text());
  if (!*changed) return {};
  auto trusted = http::trust::from_pem(ca_.text().reveal());
  if (!trusted) {
    ca_.expire();
    return base::failure(errc::ca_unreadable, ca_.path() + ": " + trusted.error().text());
  }
  http_.set_trust(std::move(*trusted));
  return {};
}

base::result<http::outgoing> api_client::prepare(const api_call& call) {
  const base::result<void> ready = refresh_credentials();
  if (!ready) return ready.error();
  http::outgoing request;
  request.verb = method_of(call.what);
  request.target = call.target;
  request.body = call.body;
  request.headers.emplace_back("User-Agent", user_agent_);
  request.headers.emplace_back("Accept", "application/json");
  if (!token_.text().empty()) {
    request.headers.emplace_back("Authorization", "Bearer " + token_.text().reveal());
  }
  if (call.what == verb::patch) {
    request.headers.emplace_back("Content-Type", call.patch_type);
  } else if (!call.body.empty()) {
    request.headers.emplace_back("Content-Type", "application/json");
  }
  return request;
}

void api_client::note(const api_call& call, const http::response& answer) {
  ++counters_.requests[{call.what, answer.status}];
  if (!answer.warnings.empty()) last_warning_ = answer.warnings.back();
}

api_failure api_client::no_answer(const api_call& call, const base::failure& why) {
  ++counters_.requests[{call.what, 0}];
  // The cluster may have a new CA: the next call looks, whenever the file was read last.
  if (why.code == http::errc::certificate_rejected) ca_.expire();
  return {why, 0, std::nullopt};
}

awaitable<api_result<http::response>> api_client::send(api_call call, base::time_point deadline) {
  for (bool again = true;; again = false) {
    base::result<http::outgoing> request = prepare(call);
    if (!request) co_return api_failure{request.error(), 0, std::nullopt};
    base::result<http::response> answer = co_await http_.exchange(std::move(*request), deadline);
    if (!answer) co_return no_answer(call, answer.error());
    note(call, *answer);
    if (answer->status >= 200 && answer->status < 300) co_return std::move(*answer);
    if (answer->status != 401 || !again) co_return status_failure(call, *answer);
    token_.expire();
  }
}

awaitable<api_result<http::body_stream>> api_client::stream(api_call call,
                                                            base::time_point deadline) {
  for (bool again = true;; again = false) {
    base::result<http::outgoing> request = prepare(call);
    if (!request) co_return api_failure{request.error(), 0, std::nullopt};
    base::result<http::body_stream> opened =
        co_await http_.open_stream(std::move(*request), deadline);
    if (!opened) co_return no_answer(call, opened.error());
    note(call, opened->header());
    const int status = opened->header().status;
    if (status >= 200 && status < 300) co_return std::move(*opened);
    if (status != 401 || !again) {
      http::response answer = opened->header();
      answer.body.clear();
      const auto said = co_await opened->read_some(deadline);
      if (said && *said) answer.body = std::string(**said);
      co_return status_failure(call, answer);
    }
    token_.expire();
  }
}

}  // namespace warren::kubernetes
