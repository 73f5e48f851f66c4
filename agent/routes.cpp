#include "agent/routes.hpp"

#include "agent/peers_file.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace warren::agent {
namespace {

constexpr std::string_view json_type = "application/json; charset=utf-8";

http::reply json_reply(std::string body) {
  return {.status = 200, .content_type = std::string(json_type), .body = std::move(body)};
}

http::reply text_reply(int status, std::string body) {
  http::reply r;
  r.status = status;
  r.body = std::move(body);
  return r;
}

// The CHECK that `path` has where `pattern` ends in "/CHECK", else "". Nothing if they do not
// match.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path) {
  constexpr std::string_view any = "CHECK";
  if (!pattern.ends_with(any)) {
    return path == pattern ? std::optional(std::string_view()) : std::nullopt;
  }
  pattern.remove_suffix(any.size());
  if (!path.starts_with(pattern)) return std::nullopt;
  return path.substr(pattern.size());
}

struct route {
  endpoint which;
  std::string_view check;
};

std::optional<route> find_route(std::string_view path) {
  for (const endpoint_help& e : endpoints()) {
    if (const auto check = match(e.path, path)) return route{e.which, *check};
  }
  return std::nullopt;
}

http::reply no_such_endpoint() {
  std::string known = "no such endpoint; there are:\n";
  for (const endpoint_help& e : endpoints()) known.append(e.path).append("\n");
  return text_reply(404, std::move(known));
}

}  // namespace

const std::vector<endpoint_help>& endpoints() {
  static const std::vector<endpoint_help> list = {
      {endpoint::readyz, "/readyz",
       "200 if clients may come: the checks of the readiness level pass"},
      {endpoint::readyz_check, "/readyz/CHECK", "one check alone"},
      {endpoint::livez, "/livez",
       "503 if the broker should be restarted; what is not known passes"},
      {endpoint::livez_check, "/livez/CHECK", "one check alone"},
      {endpoint::startupz, "/startupz",
       "200 once the broker may start: with the gate when that is decided, else once the peer file "
       "is written; always while the broker runs"},
      {endpoint::agent_livez, "/agent/livez", "200 while the agent itself answers"},
      {endpoint::metrics, "/metrics", "metrics, as text 0.0.4 or OpenMetrics by the Accept header"},
      {endpoint::peers, "/v1/peers", "the peers as JSON"},
      {endpoint::status, "/v1/status",
       "everything this agent knows as JSON, each part with its age and last error"},
  };
  return list;
}

std::string endpoints_markdown() {
  std::string text = "| endpoint | answers |\n| --- | --- |\n";
  for (const endpoint_help& e : endpoints()) {
    text.append("| `").append(e.path).append("` | ").append(e.meaning).append(" |\n");
  }
  return text;
}

routes::routes(const snapshot_store& store, domain::health_settings health, identity who,
               metrics_page metrics, probe_counter count)
    : store_(store),
      health_(health),
      who_(std::move(who)),
      metrics_(std::move(metrics)),
      count_(std::move(count)),
      hold_until_(base::steady::now() + first_look) {}

async::awaitable<http::reply> routes::answer(const http::request& request) {
  const std::optional<route> found = find_route(request.path);
  if (!found) co_return no_such_endpoint();
  switch (found->which) {
    case endpoint::readyz:
    case endpoint::readyz_check:
      co_return co_await health_probe(domain::probe::readyz, "/readyz", request, found->check);
    case endpoint::livez:
    case endpoint::livez_check:
      co_return co_await health_probe(domain::probe::livez, "/livez", request, found->check);
    case endpoint::startupz: {
      http::reply r = startup_probe();
      count_(request.path, r.status);
      co_return r;
    }
    case endpoint::agent_livez:
      count_(request.path, 200);
      co_return text_reply(200, "ok\n");
    case endpoint::metrics:
      co_return metrics_(request.accept);
    case endpoint::peers:
      co_return json_reply(peers());
    case endpoint::status:
      co_return json_reply(status_json(store_.current(), who_, base::steady::now()));
  }
  co_return no_such_endpoint();
}

async::awaitable<http::reply> routes::health_probe(domain::probe kind, std::string_view path,
                                                   const http::request& request,
                                                   std::string_view check) const {
  while (base::steady::now() < hold_until_ && !has_looked(kind)) {
    co_await async::sleep_for(std::chrono::milliseconds(2));
  }
  domain::probe_query query;
  query.verbose = request.parameter("verbose").has_value();
  for (const auto& [name, value] : request.query) {
    if (name == "exclude") query.exclude.push_back(value);
  }
  if (!check.empty()) query.only = std::string(check);
  domain::probe_answer given = domain::answer_probe(kind, report(), health_.level, query);
  count_(path, given.status);
  co_return text_reply(given.status, std::move(given.body));
}

std::vector<domain::check_result> routes::report() const {
  const snapshot& known = store_.current();
  return domain::evaluate_health(known.world.broker, known.clocks, health_, base::steady::now());
}

// Liveness passes what is not known, so it waits for no more than the state of the link.
bool routes::has_looked(domain::probe kind) const {
  if (store_.current().world.broker.link.state == domain::link_state::unknown) return false;
  if (kind == domain::probe::livez) return true;
  const auto needed = domain::checks_of(kind, health_.level);
  bool all_known = true;
  for (const domain::check_result& r : report()) {
    if (std::ranges::find(needed, r.what) == needed.end()) continue;
    if (r.result == domain::outcome::fail) return true;  // decided, whatever the others say
    all_known = all_known && r.result != domain::outcome::unknown;
  }
  return all_known;
}

std::string routes::peers() const {
  const snapshot& known = store_.current();
  const domain::peer_list none;
  const auto& seen = known.world.peers;
  return peers_body(seen.value ? *seen.value : none, who_.service, who_.peer_source,
                    known.peers_seen_at, seen.last_error ? seen.last_error->text() : "");
}

http::reply routes::startup_probe() const {
  const snapshot& known = store_.current();
  if (known.may_start) return text_reply(200, "ok\n");
  if (known.gate_mode) return text_reply(503, known.decision.reason + "\n");
  if (!known.peers_file_problem.empty()) {
    return text_reply(503, "the peer file is not written: " + known.peers_file_problem + "\n");
  }
  const auto& why = known.world.peers.last_error;
  return text_reply(503, "the peers are not known yet" + (why ? ": " + why->text() : "") + "\n");
}

}  // namespace warren::agent
