#include "agent/tasks/peer_rounds.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace warren::agent {

peer_beat::peer_beat(peer_rounds& rounds)
    : rounds_(rounds), changed_(rounds.executor_), called_(rounds.executor_) {}

peer_beat::~peer_beat() {
  leave_place();
}

void peer_beat::look_now() {
  asked_ = true;
  changed_.notify();
}

base::time_point peer_beat::next_look() const {
  if (asked_) return base::time_point::min();
  const base::duration interval =
      rounds_.hurried_ ? rounds_.intervals_.hurried : rounds_.intervals_.calm;
  const base::duration last = last_.time_since_epoch();
  return base::time_point(last - last % interval + interval);
}

async::awaitable<void> peer_beat::due(base::time_point not_before) {
  leave_place();
  for (;;) {
    const base::time_point when = std::max(next_look(), not_before);
    if (base::steady::now() >= when) break;
    co_await changed_.wait_until(when);
  }
  asked_ = false;
  co_await take_place();
  last_ = base::steady::now();
}

async::awaitable<void> peer_beat::take_place() {
  if (rounds_.free_places_ > 0) {
    --rounds_.free_places_;
    has_place_ = true;
    co_return;
  }
  rounds_.queue_.push_back(this);
  while (!has_place_) co_await called_.wait_until(base::time_point::max());
}

void peer_beat::leave_place() {
  rounds_.queue_.remove(this);
  if (!std::exchange(has_place_, false)) return;
  if (rounds_.queue_.empty()) {
    ++rounds_.free_places_;
    return;
  }
  peer_beat* next = rounds_.queue_.front();
  rounds_.queue_.pop_front();
  next->has_place_ = true;
  next->called_.notify();
}

// The tasks end before what they use.
struct peer_rounds::watched {
  watched(peer_rounds& rounds, domain::peer p)
      : who(std::move(p)),
        beat(rounds),
        tasks(rounds.executor_, [&rounds](std::string_view, const std::exception_ptr& e) {
          rounds.broken_ = e;
          rounds.changed_.notify();
        }) {}

  [[nodiscard]] bool is_of(const domain::peer& p) const {
    return who.uid == p.uid && who.addresses == p.addresses;
  }

  domain::peer who;
  peer_beat beat;
  async::task_group tasks;
};

peer_rounds::peer_rounds(const async::asio::any_io_executor& executor, snapshot_store& store,
                         look_intervals intervals, loop watch)
    : executor_(executor),
      store_(store),
      intervals_(intervals),
      watch_(std::move(watch)),
      changed_(executor) {
  store_.on_change([this](const snapshot& s) { note_change(s); });
}

peer_rounds::~peer_rounds() = default;

void peer_rounds::note_change(const snapshot& s) {
  const bool hurried = s.hurry || (s.gate_mode && !s.formation.gate_open);
  if (std::exchange(hurried_, hurried) != hurried) {
    for (const auto& [node, loop] : watched_) loop->beat.changed_.notify();
  }
  if (std::exchange(revision_, s.peers_revision) != s.peers_revision) changed_.notify();
}

void peer_rounds::look_now() {
  for (const auto& [node, loop] : watched_) loop->beat.look_now();
}

async::awaitable<void> peer_rounds::run() {
  note_change(store_.current());
  std::exception_ptr stopped;
  try {
    while (!broken_) {
      co_await follow_list();
      co_await changed_.wait_until(base::time_point::max());
    }
  } catch (...) {
    stopped = std::current_exception();
  }
  // The loops use what is here: they must have ended before it goes, also on the way out.
  co_await async::asio::this_coro::throw_if_cancelled(false);
  co_await end_all();
  co_await async::asio::this_coro::throw_if_cancelled(true);
  if (stopped) std::rethrow_exception(stopped);
  std::rethrow_exception(broken_);
}

async::awaitable<void> peer_rounds::follow_list() {
  std::map<std::string, domain::peer> wanted;
  const snapshot& s = store_.current();
  if (s.world.peers.value) {
    for (const domain::peer& p : s.world.peers.value->peers) {
      if (p.node == s.world.node) continue;
      if (wanted.size() == max_peers) {
        const std::string text = "there are more than " + std::to_string(max_peers) +
                                 " peers: " + p.node + " and those behind it are not looked at";
        if (said_.problem("peers", text)) log(log_level::warning, text);
        break;
      }
      wanted.emplace(p.node, p);
    }
  }
  std::vector<watched*> leaving;
  for (const auto& [node, loop] : watched_) {
    const auto at = wanted.find(node);
    if (at == wanted.end() || !loop->is_of(at->second)) leaving.push_back(loop.get());
  }
  for (watched* loop : leaving) loop->tasks.cancel();
  for (watched* loop : leaving) {
    co_await loop->tasks.join();
    const std::string node = loop->who.node;
    watched_.erase(node);
  }
  for (const auto& [node, who] : wanted) begin(who);
}

void peer_rounds::begin(const domain::peer& who) {
  std::unique_ptr<watched>& loop = watched_[who.node];
  if (loop) return;
  loop = std::make_unique<watched>(*this, who);
  loop->tasks.spawn("look at " + who.node, watch_(loop->who, loop->beat));
}

async::awaitable<void> peer_rounds::end_all() {
  for (const auto& [node, loop] : watched_) loop->tasks.cancel();
  for (const auto& [node, loop] : watched_) co_await loop->tasks.join();
  watched_.clear();
}

}  // namespace warren::agent
