#include "agent/tasks/peer_watch.hpp"

#include "base/file.hpp"
#include "http/errc.hpp"
#include "kubernetes/errc.hpp"
#include "kubernetes/stateful_set.hpp"

#include <random>
#include <utility>

namespace warren::agent {
namespace {

using namespace std::chrono_literals;

constexpr base::duration stateful_set_interval = 1min;
constexpr base::duration stateful_set_denied_interval = 5min;
constexpr base::duration request_timeout = 10s;
constexpr std::size_t longest_namespace = 256;  // a DNS label has 63 characters at most

std::string name_space_of(const settings& s) {
  if (!s.pod.name_space.empty()) return s.pod.name_space;
  base::result<std::string> text = base::read_file(s.kubernetes.namespace_path, longest_namespace);
  if (text.has_error()) {
    log(log_level::warning, "the pod's namespace is not known, so it is taken for 'default': " +
                                text.error().text() + "; set POD_NAMESPACE");
    return "default";
  }
  text->resize(std::min(text->size(), text->find_first_of(" \t\r\n")));
  return *text;
}

kubernetes::in_cluster api_server(const settings& s) {
  return {.tls = s.kubernetes.tls,
          .host = s.kubernetes.host,
          .port = s.kubernetes.port,
          .token_path = s.kubernetes.token_path,
          .ca_path = s.kubernetes.ca_path,
          .name_space = name_space_of(s)};
}

domain::endpoint_view to_domain(const kubernetes::endpoint& e) {
  return {e.address, e.hostname, e.pod, e.uid, e.ready, e.serving, e.terminating};
}

}  // namespace

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
                       const settings& s)
    : store_(store),
      rules_(s.peers.rules),
      stateful_set_(s.pod.stateful_set),
      api_(executor, api_server(s), "warren/" WARREN_VERSION),
      source_(api_, s.peers.service,
              {.on_endpoints = [this](const std::vector<kubernetes::endpoint>& e) { take(e); },
               .on_confirmed = [this] { note_success(); },
               .on_failure = [this](const base::failure& why) { note_failure(why); },
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
  domain::peer_list list = domain::compute_peers(views, rules_);
  store_.change(base::steady::now(), [&](snapshot& s) {
    if (s.world.peers.value == list) return;
    s.world.peers.value = std::move(list);
    ++s.peers_revision;
  });
  note_success();
}

void peer_watch::note_success() {
  ++counters_.good;
  counters_.last_success = base::wall_clock::now();
  const base::time_point now = base::steady::now();
  store_.change(now, [&](snapshot& s) {
    s.world.peers.confirmed(now);
    s.world.discovery = domain::discovery_problem::none;
    s.peers_seen_at = counters_.last_success;
  });
}

void peer_watch::note_failure(const base::failure& why) {
  ++counters_.failed;
  store_.change(base::steady::now(), [&](snapshot& s) {
    s.world.peers.failed(why);
    s.world.discovery = discovery_problem_of(why.code);
  });
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
      store_.change(now, [&](snapshot& s) { s.world.expected_members.saw(replicas, now); });
    } else {
      const base::failure& why = set.error().why;
      store_.change(now, [&](snapshot& s) { s.world.expected_members.failed(why); });
      // The permission is optional: without it the expected members are not known, and that is all.
      if (why.code == kubernetes::errc::forbidden) pause = stateful_set_denied_interval;
      if (said_.problem("stateful set", why.text())) {
        log(log_level::info, "the number of expected members is not known: " + why.text());
      }
    }
    co_await async::sleep_until(began + pause);
  }
}

}  // namespace warren::agent
