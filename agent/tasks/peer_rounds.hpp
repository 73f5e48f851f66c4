#pragma once

#include "agent/domain/peers.hpp"
#include "agent/log.hpp"
#include "agent/snapshot_store.hpp"
#include "async/awaitable.hpp"
#include "async/task_group.hpp"
#include "async/wakeup.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>

namespace warren::agent {

struct look_intervals {
  base::duration hurried;  // while the own gate is closed, or the store says hurry
  base::duration calm;
};

class peer_rounds;

// When one peer is to be looked at. Single waiter.
class peer_beat {
 public:
  explicit peer_beat(peer_rounds& rounds);
  ~peer_beat();
  peer_beat(const peer_beat&) = delete;
  peer_beat& operator=(const peer_beat&) = delete;

  // Ends when the next look is due: at the first multiple of the interval after the last look
  // began, or at once after look_now(), but not before `not_before`. Takes one of the places of
  // peer_rounds, and gives it back when called again.
  async::awaitable<void> due(base::time_point not_before = base::time_point::min());
  // A look that is under way does not do: another one follows it.
  void look_now();

 private:
  friend class peer_rounds;
  [[nodiscard]] base::time_point next_look() const;
  async::awaitable<void> take_place();
  void leave_place();

  peer_rounds& rounds_;
  async::wakeup changed_;
  async::wakeup called_;  // to a place
  base::time_point last_;
  bool asked_ = true;
  bool has_place_ = false;
};

// One loop for each other peer in the store, begun and ended as the list changes: a pod that
// replaces another one under the same name gets a new loop. At most `places` look at a time. Must
// outlive run() and the store's last change.
class peer_rounds {
 public:
  // Looks at the peer at each beat; ends only by cancellation. `who` and `beat` outlive it.
  using loop = std::function<async::awaitable<void>(const domain::peer& who, peer_beat& beat)>;

  static constexpr std::size_t places = 16;
  // RabbitMQ clusters are smaller by far: a longer list is that of a wrong Service.
  static constexpr std::size_t max_peers = 64;

  peer_rounds(const async::asio::any_io_executor& executor, snapshot_store& store,
              look_intervals intervals, loop watch);
  ~peer_rounds();
  peer_rounds(const peer_rounds&) = delete;
  peer_rounds& operator=(const peer_rounds&) = delete;

  // Ends only by cancellation, or with the exception of a loop.
  async::awaitable<void> run();
  // Looks at all peers now, those included that are being looked at.
  void look_now();

 private:
  friend class peer_beat;
  struct watched;

  void note_change(const snapshot& s);
  async::awaitable<void> follow_list();
  async::awaitable<void> end_all();
  void begin(const domain::peer& who);

  async::asio::any_io_executor executor_;
  snapshot_store& store_;
  look_intervals intervals_;
  loop watch_;
  async::wakeup changed_;
  bool hurried_ = false;
  std::uint64_t revision_ = 0;
  std::size_t free_places_ = places;
  std::list<peer_beat*> queue_;  // of those that wait for a place
  told_once said_;
  std::exception_ptr broken_;
  std::map<std::string, std::unique_ptr<watched>> watched_;  // by node
};

}  // namespace warren::agent
