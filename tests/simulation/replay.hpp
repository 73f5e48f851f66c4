#pragma once

#include "tests/simulation/event_log.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace warren::simulation {

// Whether the model of a broker can do what real brokers did.
//
// Everything that was done to the brokers is done to the model's, in the same order and without
// agents; the model's time goes on only until the model shows what was seen next, and is never
// further ahead of the log's than by `slack` (reenactment.hpp). The model leaves durations to
// chance, as they are not known of real brokers either: how far a boot or a join had come when it
// was cut short, and which broker a busy machine let go on first. It has so many tries, each a
// repetition up to some event and other dice from there on.
//
// What is not compared, for it cannot be known:
// - When things are seen: brokers are asked a few times a second, so what passed between is not in
//   the log. What was seen must come, in that order, but the model may show more.
// - Who is seen to run, but at the end: that changes with the links between brokers, at other
//   moments than the members.
// - Which member an agent asked to forget a node: it does not say.
// - When within its end a stopped broker is gone for the others: at SIGTERM, or once its process
//   has ended.
struct verdict {
  bool follows = false;
  int tries = 0;
  std::string contradiction;        // of the try that came furthest
  std::vector<std::uint64_t> dice;  // of that try, one for each event
};

constexpr int default_tries = 500;  // less than a millisecond each

verdict replay(const event_log& log, int tries = default_tries);
// That try once more, with the model's own story on stdout.
void tell_replay(const event_log& log, const verdict& v);

}  // namespace warren::simulation
