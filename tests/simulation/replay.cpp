#include "tests/simulation/replay.hpp"

#include "tests/simulation/reenactment.hpp"

#include <algorithm>

namespace warren::simulation {
namespace {

struct attempt {
  std::size_t came_to = 0;  // the event that the model cannot follow
  std::string contradiction;
};

// With the dice that there are, and others drawn where they end.
attempt play(const event_log& log, std::vector<std::uint64_t>& dice_of, dice& more, bool story) {
  reenactment r(log, story);
  attempt a;
  for (;; ++a.came_to) {
    if (dice_of.size() <= a.came_to) dice_of.push_back(more.next());
    const std::uint64_t luck = dice_of[a.came_to];
    if (a.came_to == log.events.size()) {
      const bool quiet = !log.formed || log.events.empty();
      a.contradiction = quiet ? "" : r.settle(log.events.back().at, luck);
      return a;
    }
    const log_event& e = log.events[a.came_to];
    a.contradiction = r.next(e, luck);
    if (a.contradiction.empty()) continue;
    a.contradiction = text_of(e) + ": " + a.contradiction;
    return a;
  }
}

}  // namespace

verdict replay(const event_log& log, int tries) {
  dice more(1);
  verdict best;
  std::size_t furthest = 0;
  int in_vain = 0;
  while (best.tries < tries) {
    ++best.tries;
    // What went wrong was drawn a few events before it was seen: the longer it goes wrong, the more
    // of them are drawn again.
    std::vector<std::uint64_t> dice_of = best.dice;
    const int back = 1 + more.below(2 << std::min(in_vain / 8, 8));
    dice_of.resize(dice_of.size() - std::min(dice_of.size(), static_cast<std::size_t>(back)));
    attempt a = play(log, dice_of, more, false);
    best.follows = a.contradiction.empty();
    if (best.follows || best.dice.empty() || a.came_to >= furthest) {
      in_vain = a.came_to > furthest ? 0 : in_vain + 1;
      furthest = a.came_to;
      best.dice = std::move(dice_of);
      best.contradiction = std::move(a.contradiction);
    } else {
      ++in_vain;
    }
    if (best.follows) break;
  }
  return best;
}

void tell_replay(const event_log& log, const verdict& v) {
  dice more(1);
  std::vector<std::uint64_t> dice_of = v.dice;
  play(log, dice_of, more, true);
}

}  // namespace warren::simulation
