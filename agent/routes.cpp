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

// The rest of `path` behind `prefix`: empty for the path itself, "/CHECK" below it, nothing else.
std::optional<std::string_view> below(std::string_view path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return std::nullopt;
  path.remove_prefix(prefix.size());
  if (!path.empty() && path.front() != '/') return std::nullopt;
  return path;
}

}  // namespace

const std::vector<endpoint_help>& endpoints() {
  static const std::vector<endpoint_help> list = {
      {"/readyz", "200 if clients may come: the checks of the readiness level pass"},
      {"/readyz/CHECK", "one check alone"},
      {"/livez", "503 if the broker should be restarted; what is not known passes"},
      {"/livez/CHECK", "one check alone"},
      {"/startupz", "200 once the peer file is written or the broker runs"},
      {"/agent/livez", "200 while the agent itself answers"},
      {"/metrics", "metrics, as text 0.0.4 or OpenMetrics by the Accept header"},
      {"/v1/peers", "the peers as JSON"},
      {"/v1/status", "everything this agent knows as JSON, each part with its age and last error"},
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
  const std::string_view path = request.path;
  if (const auto rest = below(path, "/readyz")) {
    co_return co_await health_probe(domain::probe::readyz, "/readyz", request, *rest);
  }
  if (const auto rest = below(path, "/livez")) {
    co_return co_await health_probe(domain::probe::livez, "/livez", request, *rest);
  }
  if (path == "/startupz") {
    http::reply r = startup_probe();
    count_("/startupz", r.status);
    co_return r;
  }
  if (path == "/agent/livez") {
    count_(path, 200);
    co_return text_reply(200, "ok\n");
  }
  if (path == "/metrics") co_return metrics_(request.accept);
  if (path == "/v1/peers") co_return json_reply(peers());
  if (path == "/v1/status") {
    co_return json_reply(status_json(store_.current(), who_, base::steady::now()));
  }
  std::string known = "no such endpoint; there are:\n";
  for (const endpoint_help& e : endpoints()) known.append(e.path).append("\n");
  co_return text_reply(404, std::move(known));
}

async::awaitable<http::reply> routes::health_probe(domain::probe kind, std::string_view endpoint,
                                                   const http::request& request,
                                                   std::string_view rest) const {
  while (base::steady::now() < hold_until_ && !has_looked(kind)) {
    co_await async::sleep_for(std::chrono::milliseconds(2));
  }
  domain::probe_query query;
  query.verbose = request.parameter("verbose").has_value();
  for (const auto& [name, value] : request.query) {
    if (name == "exclude") query.exclude.push_back(value);
  }
  if (rest.size() > 1) query.only = std::string(rest.substr(1));
  domain::probe_answer given = domain::answer_probe(kind, report(), health_.level, query);
  count_(endpoint, given.status);
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
  if (known.peers_file_error) {
    return text_reply(503,
                      "the peer file is not written: " + known.peers_file_error->text() + "\n");
  }
  const auto& why = known.world.peers.last_error;
  return text_reply(503, "the peers are not known yet" + (why ? ": " + why->text() : "") + "\n");
}

}  // namespace warren::agent
