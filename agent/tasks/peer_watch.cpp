#include "agent/tasks/peer_watch.hpp"

#include "base/file.hpp"
#include "http/errc.hpp"
#include "kubernetes/errc.hpp"
#include "kubernetes/stateful_set.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace warren::agent {
namespace {

using namespace std::chrono_literals;

constexpr base::duration stateful_set_interval = 1min;
constexpr base::duration stateful_set_denied_interval = 5min;
constexpr base::duration gate_interval = 2s;
constexpr base::duration request_timeout = 10s;
constexpr std::size_t longest_token = 1 << 16;
constexpr std::size_t longest_namespace = 256;  // a DNS label has 63 characters at most

std::string name_space_or_default(const settings& s) {
  base::result<std::string> name = name_space_of(s);
  if (name) return *name;
  if (uses_api_server(s)) {
    log(log_level::warning, "the pod's namespace is not known, so it is taken for 'default': " +
                                name.error().text() + "; set POD_NAMESPACE");
  }
  return "default";
}

kubernetes::in_cluster api_server(const settings& s) {
  return {.tls = s.kubernetes.tls,
          .host = s.kubernetes.host,
          .port = s.kubernetes.port,
          .token_path = s.kubernetes.token_path,
          .ca_path = s.kubernetes.ca_path,
          .name_space = name_space_or_default(s)};
}

domain::endpoint_view to_domain(const kubernetes::endpoint& e) {
  return {e.address, e.hostname, e.pod, e.uid, e.ready, e.serving, e.terminating};
}

}  // namespace

base::result<std::string> name_space_of(const settings& s) {
  if (!s.pod.name_space.empty()) return s.pod.name_space;
  base::result<std::string> text = base::read_file(s.kubernetes.namespace_path, longest_namespace);
  if (text.has_error()) return text.error();
  text->resize(std::min(text->size(), text->find_first_of(" \t\r\n")));
  return text;
}

bool uses_api_server(const settings& s) {
  if (s.peers.source == peer_source::kubernetes || !s.kubernetes.tls) return true;
  const base::result<std::string> token = base::read_file(s.kubernetes.token_path, longest_token);
  return token.has_value() && !token->empty();
}

domain::discovery_problem discovery_problem_of(const base::error_code& code) {
  using domain::discovery_problem;
  using kubernetes::errc;
  if (code == errc::forbidden || code == errc::unauthorized) return discovery_problem::forbidden;
  if (code == errc::not_found) return discovery_problem::not_found;
  const bool in_trouble = code == errc::server_error || code == errc::too_many_requests ||
                          code == errc::watch_silent || code == errc::watch_ended_at_once;
  const bool no_connection =
      code.category() == http::make_error_code(http::errc::connect_failed).category();
  return in_trouble || no_connection ? discovery_problem::unreachable : discovery_problem::other;
}

peer_watch::peer_watch(const boost::asio::any_io_executor& executor, snapshot_store& store,
                       found_peers& found, const settings& s)
    : store_(store),
      found_(found),
      rules_(s.peers.rules),
      expected_is_set_(s.peers.expected_members.has_value()),
      stateful_set_(s.pod.stateful_set),
      api_(executor, api_server(s), "warren/" WARREN_VERSION),
      source_(api_, s.peers.service,
              {.on_endpoints = [this](const std::vector<kubernetes::endpoint>& e) { take(e); },
               .on_confirmed = [this] { found_.confirm(); },
               .on_failure =
                   [this](const base::failure& why) {
                     found_.fail(why, discovery_problem_of(why.code));
                   },
               .on_problem =
                   [](std::string_view text) {
                     const bool well = text.empty();
                     log(well ? log_level::info : log_level::warning,
                         "peers: " + (well ? "all is well again" : std::string(text)));
                   }},
              {.poll_interval = s.peers.interval}, std::random_device{}()) {}

async::awaitable<void> peer_watch::run() {
  co_await source_.run();
}

void peer_watch::take(const std::vector<kubernetes::endpoint>& endpoints) {
  std::vector<domain::endpoint_view> views;
  views.reserve(endpoints.size());
  for (const kubernetes::endpoint& e : endpoints) views.push_back(to_domain(e));
  found_.take(domain::compute_peers(views, rules_));
}

async::awaitable<void> peer_watch::watch_stateful_set() {
  if (stateful_set_.empty()) co_return;
  for (;;) {
    const base::time_point began = base::steady::now();
    const auto set =
        co_await kubernetes::get_stateful_set(api_, stateful_set_, began + request_timeout);
    const base::time_point now = base::steady::now();
    base::duration pause = stateful_set_interval;
    if (set) {
      stateful_set_uid_ = set->uid;
      said_.well("stateful set");
      const int replicas = static_cast<int>(set->replicas);
      domain::set_view view{
          .replicas = replicas,
          .first_ordinal = static_cast<int>(set->first_ordinal),
          .ordered_ready = set->policy == kubernetes::pod_management::ordered_ready,
          .claim_templates = set->claim_templates};
      store_.change(now, [&](snapshot& s) {
        s.world.expected_members.saw(replicas, now);
        s.set.saw(std::move(view), now);
      });
    } else {
      const base::failure& why = set.error().why;
      const bool set_by_user = expected_is_set_ && stateful_set_uid_.empty();
      store_.change(now, [&](snapshot& s) {
        if (!set_by_user) s.world.expected_members.failed(why);
        s.set.failed(why);
      });
      // The gate may wait for it.
      if (!store_.current().may_start) pause = gate_interval;
      // The permission is optional: without it the expected members are not known, and that is all.
      if (why.code == kubernetes::errc::forbidden && store_.current().may_start) {
        pause = stateful_set_denied_interval;
      }
      if (said_.problem("stateful set", why.text())) {
        log(log_level::info, (set_by_user ? "the number of expected members is the setting's: "
                                          : "the number of expected members is not known: ") +
                                 why.text());
      }
    }
    co_await async::sleep_until(began + pause);
  }
}

}  // namespace warren::agent
