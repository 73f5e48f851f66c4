#include "agent/admin_routes.hpp"

#include "agent/answers.hpp"
#include "agent/domain/doors.hpp"
#include "agent/domain/gate_orders.hpp"

#include <algorithm>
#include <utility>

namespace warren::agent {
namespace {

http::reply text_reply(int status, std::string body) {
  http::reply r;
  r.status = status;
  r.body = std::move(body) + "\n";
  return r;
}

http::reply not_allowed(std::string_view allow) {
  http::reply r = text_reply(405, "this path takes " + std::string(allow) + " alone");
  r.allow = allow;
  return r;
}

}  // namespace

const std::vector<admin_endpoint_help>& admin_endpoints() {
  static const std::vector<admin_endpoint_help> list = {
      {admin_endpoint::gate, false, "/v1/gate", "what the start gate waits for, as JSON"},
      {admin_endpoint::found, true, "/v1/gate/found",
       "POST: this node founds a cluster. GET: what that would do"},
      {admin_endpoint::join, true, "/v1/gate/join",
       "POST ?node=N: this node joins node N. GET: what that would do"},
  };
  return list;
}

std::string admin_endpoints_markdown() {
  std::string text = "| endpoint | answers |\n| --- | --- |\n";
  for (const admin_endpoint_help& e : admin_endpoints()) {
    text.append("| `").append(e.path).append("` | ").append(e.meaning).append(" |\n");
  }
  return text;
}

admin_routes::admin_routes(snapshot_store& store, routes& read_only,
                           domain::formation_settings rules)
    : store_(store), read_only_(read_only), rules_(rules) {}

async::awaitable<http::reply> admin_routes::answer(const http::request& request) {
  const bool post = request.verb == http::method::post;
  const auto found = std::ranges::find(admin_endpoints(), request.path, &admin_endpoint_help::path);
  if (post && (found == admin_endpoints().end() || !found->takes_orders)) {
    co_return not_allowed("GET, HEAD");
  }
  if (found == admin_endpoints().end()) co_return co_await read_only_.answer(request);
  switch (found->which) {
    case admin_endpoint::gate: {
      http::reply r;
      r.content_type = "application/json; charset=utf-8";
      r.body = gate_json(store_.current(), base::steady::now());
      co_return r;
    }
    case admin_endpoint::found: {
      domain::overrule wanted;
      wanted.found = true;
      co_return order(request, wanted);
    }
    case admin_endpoint::join: {
      domain::overrule wanted;
      wanted.target = request.parameter("node").value_or("");
      if (!domain::is_node_name(wanted.target)) {
        co_return text_reply(400, "?node= must be a whole node name like rabbit@rmq-1");
      }
      co_return order(request, wanted);
    }
  }
  co_return text_reply(404, "no such endpoint");
}

http::reply admin_routes::order(const http::request& request, const domain::overrule& wanted) {
  const snapshot& known = store_.current();
  if (!known.gate_mode) {
    return text_reply(409,
                      "there is no start gate here: --formation=observe leaves it to the broker "
                      "whom it joins");
  }
  const base::time_point now = base::steady::now();
  const domain::order_verdict verdict = domain::judge_order(wanted, known.formation, rules_, now);
  if (!verdict.taken) return text_reply(409, verdict.text);
  if (request.verb != http::method::post) return text_reply(200, verdict.text);
  store_.change(now, [&](snapshot& s) { s.formation.person = wanted; });
  return text_reply(202, verdict.text);
}

}  // namespace warren::agent
