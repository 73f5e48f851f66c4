#include "agent/tasks/peer_agents.hpp"

#include "agent/status_reader.hpp"
#include "http/client.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace warren::agent {
namespace {

constexpr std::size_t most_addresses = 4;
constexpr int status_ok = 200;

using way = std::unique_ptr<http::client>;  // to one address, with a kept connection

std::vector<way> ways_to(const domain::peer& who, const async::asio::any_io_executor& executor,
                         std::uint16_t port) {
  std::vector<way> ways;
  for (const std::string& address : who.addresses) {
    if (ways.size() == most_addresses) break;
    ways.push_back(std::make_unique<http::client>(
        executor, http::origin{.tls = false, .host = address, .port = port},
        http::client_settings{.max_body = max_status, .max_kept = 1}));
  }
  return ways;
}

async::awaitable<base::result<domain::agent_facts>> ask(http::client& there, asked_agent whom,
                                                        base::time_point deadline) {
  http::outgoing request;
  request.target = "/v1/status";
  const auto answer = co_await there.exchange(std::move(request), deadline);
  if (!answer) co_return answer.error();
  if (answer->status != status_ok) {
    co_return base::failure(status_errc::no_status,
                            there.name() + ": status " + std::to_string(answer->status));
  }
  auto facts = read_status(answer->body, whom);
  if (facts) co_return facts;
  base::failure why = facts.error();
  why.detail = there.name() + (why.detail.empty() ? "" : ": " + why.detail);
  co_return why;
}

}  // namespace

peer_agents::peer_agents(const async::asio::any_io_executor& executor, snapshot_store& store,
                         peer_agents_settings settings)
    : executor_(executor),
      store_(store),
      settings_(std::move(settings)),
      rounds_(executor, store, settings_.intervals,
              [this](const domain::peer& who, peer_beat& beat) { return watch(who, beat); }) {}

// The addresses in their order, the one that answered last time first; each may take its share of
// the time.
async::awaitable<void> peer_agents::watch(const domain::peer& who, peer_beat& beat) {
  const asked_agent whom{settings_.service, who.node, who.uid};
  const std::vector<way> ways = ways_to(who, executor_, settings_.port);
  std::size_t first = 0;
  for (;;) {
    co_await beat.due();
    const base::time_point asked = base::steady::now();
    const base::time_point deadline = asked + settings_.look_timeout;
    base::result<domain::agent_facts> seen =
        base::failure(make_error_code(boost::system::errc::address_not_available), who.node);
    for (std::size_t n = 0; n < ways.size() && !seen; ++n) {
      const std::size_t at = (first + n) % ways.size();
      const base::time_point now = base::steady::now();
      const auto left = static_cast<base::duration::rep>(ways.size() - n);
      seen = co_await ask(*ways[at], whom, now + (deadline - now) / left);
      if (seen) first = at;
    }
    note(who, seen, asked);
  }
}

void peer_agents::note(const domain::peer& who, const base::result<domain::agent_facts>& seen,
                       base::time_point asked) {
  store_.change(base::steady::now(), [&](snapshot& s) {
    domain::peer_sight* sight = domain::sight_of(s.sights, who);
    if (sight == nullptr) return;
    if (seen) {
      sight->agent.saw(*seen, asked);
    } else {
      sight->agent.failed(seen.error());
    }
  });
  // A peer that does not answer is on its way, mostly; one that answers wrongly needs a person.
  const bool wrong = seen.has_error() && seen.error().code.category() ==
                                             make_error_code(status_errc::no_status).category();
  if (wrong && said_.problem(who.node, seen.error().text())) {
    log(log_level::warning, "the agent of " + who.node + ": " + seen.error().text());
  }
  if (seen && said_.well(who.node)) log(log_level::info, "the agent of " + who.node + " answers");
}

}  // namespace warren::agent
