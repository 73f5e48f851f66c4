#include "kubernetes/event_series.hpp"

#include "tests/support/catch.hpp"

#include <array>
#include <chrono>
#include <set>
#include <string>

using namespace std::chrono_literals;
using namespace warren::kubernetes;
using warren::base::duration;
using warren::base::time_point;
using warren::base::wall_time;
using verb = event_write::verb;

namespace {

const time_point start{};
const wall_time wall_start{std::chrono::hours(480000)};

event raised(const std::string& note = "memory alarm", const std::string& pod = "rmq-0") {
  return {
      .type = event_type::warning,
      .reason = "AlarmRaised",
      .action = "CheckAlarms",
      .note = note,
      .object = {
          .api_version = "v1", .kind = "Pod", .name_space = "default", .name = pod, .uid = "uid"}};
}

event_decision record(event_series& series, duration after, const event& what = raised()) {
  return series.record(what, start + after, wall_start + after);
}

}  // namespace

TEST_CASE("the first is created, the second begins a series, further ones are counted") {
  event_series series;
  const event_decision first = record(series, 0s);
  CHECK(first.fate == event_fate::created);
  REQUIRE(first.writes.size() == 1);
  CHECK(first.writes[0].how == verb::create);
  CHECK(first.writes[0].event.count == 1);
  CHECK(first.writes[0].event.first_seen == wall_start);

  const event_decision second = record(series, 1min);
  CHECK(second.fate == event_fate::patched);
  REQUIRE(second.writes.size() == 1);
  CHECK(second.writes[0].how == verb::patch);
  CHECK(second.writes[0].event.name == first.writes[0].event.name);
  CHECK(second.writes[0].event.count == 2);
  CHECK(second.writes[0].event.first_seen == wall_start);
  CHECK(second.writes[0].event.last_seen == wall_start + 1min);

  const event_decision third = record(series, 2min);
  CHECK(third.fate == event_fate::counted);
  CHECK(third.writes.empty());
}

TEST_CASE("a series ends six minutes after its last repeat, with its last count") {
  event_series series;
  record(series, 0s);
  record(series, 1min);
  record(series, 5min);
  CHECK(series.next_due() == start + 11min);
  CHECK(series.due(start + 11min - 1s).empty());
  const auto ended = series.due(start + 11min);
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].how == verb::patch);
  CHECK(ended[0].event.count == 3);
  CHECK(ended[0].event.last_seen == wall_start + 5min);
  CHECK(!series.next_due());
  CHECK(record(series, 11min).fate == event_fate::created);
}

TEST_CASE("a series whose last count is written ends without a request") {
  event_series series;
  record(series, 0s);
  record(series, 1min);
  CHECK(series.due(start + 7min).empty());
  CHECK(!series.next_due());
}

TEST_CASE("a single Event is forgotten after six minutes; a repeat later is a new one") {
  event_series series;
  const auto first = record(series, 0s);
  const auto again = record(series, 6min);
  CHECK(again.fate == event_fate::created);
  REQUIRE(again.writes.size() == 1);
  CHECK(again.writes[0].event.name != first.writes[0].event.name);
}

TEST_CASE("what was due goes before what is recorded now, though nobody asked for it") {
  event_series series;
  record(series, 0s);
  record(series, 1s);
  record(series, 2s);
  const auto later = record(series, 1h);
  CHECK(later.fate == event_fate::created);
  REQUIRE(later.writes.size() == 2);
  CHECK(later.writes[0].how == verb::patch);
  CHECK(later.writes[0].event.count == 3);
  CHECK(later.writes[1].how == verb::create);
}

TEST_CASE("a series that goes on is written again every 30 minutes") {
  event_series series;
  record(series, 0s);
  std::vector<duration> written;
  for (duration t = 1min; t <= 90min; t += 1min) {
    for (const event_write& w : series.due(start + t)) {
      CHECK(w.how == verb::patch);
      written.push_back(t);
    }
    const auto repeat = record(series, t);
    if (repeat.fate == event_fate::patched) written.push_back(t);
  }
  // Begun at 1 minute.
  CHECK(written == std::vector<duration>{1min, 31min, 61min});
}

TEST_CASE("another note, object, reason or type is another Event") {
  event_series series;
  record(series, 0s);
  CHECK(record(series, 1s, raised("disk alarm")).fate == event_fate::created);
  CHECK(record(series, 1s, raised("memory alarm", "rmq-1")).fate == event_fate::created);
  event other = raised();
  other.reason = "AlarmCleared";
  CHECK(record(series, 1s, other).fate == event_fate::created);
  other = raised();
  other.type = event_type::normal;
  CHECK(record(series, 1s, other).fate == event_fate::created);
  CHECK(record(series, 2s).fate == event_fate::patched);
}

TEST_CASE("notes that differ behind the first 1024 bytes are repeats, and the rest is not kept") {
  event_series series;
  const auto first = record(series, 0s, raised(std::string(100000, 'a')));
  REQUIRE(first.writes.size() == 1);
  CHECK(first.writes[0].event.what.note.size() == 1024);
  CHECK(record(series, 1s, raised(std::string(2000, 'a'))).fate == event_fate::patched);
}

TEST_CASE("a flood of different notes is dropped by the spam filter, repeats are still counted") {
  event_series series;
  std::set<std::string> names;
  for (int i = 0; i < 25; ++i) {
    const auto step = record(series, 0s, raised("note " + std::to_string(i)));
    CHECK(step.fate == event_fate::created);
    names.insert(step.writes.at(0).event.name);
  }
  CHECK(names.size() == 25);  // although the clock stood still
  const auto refused = record(series, 1s, raised("note 25"));
  CHECK(refused.fate == event_fate::dropped);
  CHECK(refused.writes.empty());
  CHECK(record(series, 1s, raised("note 7")).fate == event_fate::patched);
  CHECK(record(series, 5min, raised("note 26")).fate == event_fate::created);
  CHECK(record(series, 5min, raised("note 27")).fate == event_fate::dropped);
}

TEST_CASE("beyond the bound the Event that has been quiet longest is ended, with its count") {
  event_series series({.max_events = 2});
  for (const duration t : {0s, 1s, 2s}) record(series, t, raised("a"));
  record(series, 3s, raised("b"));
  const auto third = record(series, 4s, raised("c"));
  REQUIRE(third.writes.size() == 2);
  CHECK(third.writes[0].how == verb::patch);
  CHECK(third.writes[0].event.what.note == "a");
  CHECK(third.writes[0].event.count == 3);
  CHECK(third.writes[1].how == verb::create);
  CHECK(record(series, 5s, raised("b")).fate == event_fate::patched);
}

TEST_CASE("at the end every count that is not written yet is") {
  event_series series;
  for (const duration t : {0s, 1s, 2s}) record(series, t, raised("a"));
  for (const duration t : {0s, 1s}) record(series, t, raised("b"));
  record(series, 0s, raised("c"));
  const auto last = series.end_all();
  REQUIRE(last.size() == 1);
  CHECK(last[0].event.what.note == "a");
  CHECK(series.end_all().empty());
}

TEST_CASE("P10: a wall clock that jumps changes no decision, only the times that are written") {
  event_series steady;
  event_series jumping;
  const std::array<duration, 6> jumps{0h, 26000h, -26000h, -1h, 1s, 0h};
  std::set<std::string> names;
  for (std::size_t n = 0; n < jumps.size(); ++n) {
    CAPTURE(n);
    const duration after = n * 2min;
    const event what = raised(n == 3 ? "disk alarm" : "memory alarm");
    const event_decision expected = steady.record(what, start + after, wall_start + after);
    const event_decision got = jumping.record(what, start + after, wall_start + after + jumps[n]);
    CHECK(got.fate == expected.fate);
    REQUIRE(got.writes.size() == expected.writes.size());
    for (std::size_t i = 0; i < got.writes.size(); ++i) {
      CHECK(got.writes[i].how == expected.writes[i].how);
      CHECK(got.writes[i].event.count == expected.writes[i].event.count);
      if (got.writes[i].how == verb::create) CHECK(names.insert(got.writes[i].event.name).second);
    }
    CHECK(jumping.next_due() == steady.next_due());
  }
  CHECK(names.size() == 2);
}
