#pragma once

#include "agent/domain/formation.hpp"

#include <string>

namespace warren::domain {

struct order_verdict {
  bool taken = false;
  std::string text;  // what will happen; else why not, with the cure
};

// What becomes of a person's order to found a cluster or to join a node. It is refused where
// next_step() could not follow it: once the gate is open, and for a node that has data or may have.
// So is founding beside a cluster that runs, and joining a node that nobody knows.
order_verdict judge_order(const overrule& wanted, const formation_view& view,
                          const formation_settings& settings, base::time_point now);

// "found" or "join rabbit@rmq-1".
std::string text_of(const overrule& order);

}  // namespace warren::domain
