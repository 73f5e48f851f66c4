#include "agent/snapshot_store.hpp"

#include "tests/support/broker_views.hpp"
#include "tests/support/catch.hpp"

using namespace warren;
using namespace std::chrono_literals;

namespace {
const base::time_point start{1h};
}  // namespace

TEST_CASE("the broker's time to boot counts from when it may start") {
  agent::snapshot first;
  first.clocks.opened_at = start;
  agent::snapshot_store store(first, {});
  const auto away = [](agent::snapshot& s) {
    s.world.broker = testing::broker_without_link(domain::link_state::away, start);
  };
  store.change(start, away);
  store.change(start + 1s, [](agent::snapshot&) {});
  CHECK(store.current().clocks.opened_at == start);
  store.change(start + 2s, [](agent::snapshot& s) { s.may_start = true; });
  CHECK(store.current().clocks.opened_at == start + 2s);
  store.change(start + 3s, [](agent::snapshot& s) { s.may_start = true; });
  CHECK(store.current().clocks.opened_at == start + 2s);
}

TEST_CASE("a worker that takes over from one that had opened keeps the time") {
  agent::snapshot carried;
  carried.clocks.opened_at = start;
  carried.may_start = true;
  agent::snapshot_store store(carried, {});
  store.change(start + 1s, [](agent::snapshot&) {});
  CHECK(store.current().clocks.opened_at == start);
}
