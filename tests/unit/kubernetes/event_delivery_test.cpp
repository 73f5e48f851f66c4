#include "kubernetes/event_delivery.hpp"

#include "tests/support/catch.hpp"

#include <chrono>
#include <string>

using namespace std::chrono_literals;
using namespace warren::kubernetes;
using warren::base::time_point;
using verb = event_write::verb;

namespace {

const time_point start{};

event_write write(const std::string& name, verb how = verb::create) {
  return {.how = how, .event = {.name = name}};
}

// "POST core NAME", "PATCH events NAME", or "" for nothing.
std::string next(event_delivery& delivery, time_point now = start) {
  const auto request = delivery.next(now);
  if (!request) return "";
  return std::string(request->write.how == verb::create ? "POST " : "PATCH ") +
         (request->api == event_api::core_v1 ? "core " : "events ") + request->write.event.name;
}

}  // namespace

TEST_CASE("writes go out in order, each once") {
  event_delivery delivery;
  CHECK(next(delivery).empty());
  CHECK(!delivery.wake_at());
  delivery.push(write("a"));
  delivery.push(write("a", verb::patch));
  CHECK(delivery.wake_at());
  CHECK(next(delivery) == "POST events a");
  CHECK(next(delivery) == "POST events a");  // not answered yet
  CHECK(!delivery.answered({.status = 201}, start));
  CHECK(next(delivery) == "PATCH events a");
  CHECK(!delivery.answered({.status = 200}, start));
  CHECK(next(delivery).empty());
  CHECK(!delivery.wake_at());
  CHECK(delivery.counters().written == 1);
  CHECK(delivery.counters().patched == 1);
}

TEST_CASE("core/v1 is used, and stayed with, where the group is missing or forbidden") {
  const int status = GENERATE(403, 404);
  event_delivery delivery;
  delivery.push(write("a"));
  delivery.push(write("b"));
  CHECK(next(delivery) == "POST events a");
  CHECK(!delivery.answered({.status = status}, start));
  CHECK(next(delivery) == "POST core a");
  CHECK(!delivery.answered({.status = 201}, start));
  CHECK(next(delivery) == "POST core b");
  // Core is forbidden later on, while the group was allowed.
  CHECK(!delivery.answered({.status = 403}, start));
  CHECK(next(delivery) == "POST events b");
  CHECK(!delivery.answered({.status = 201}, start));
  CHECK(delivery.counters().written == 2);
}

TEST_CASE("403 from both is told once, counted, and tried again after five minutes") {
  event_delivery delivery;
  for (const char* name : {"a", "b", "c"}) delivery.push(write(name));
  const auto refuse = [&](time_point now) {
    CHECK(!delivery.answered({.status = 403}, now));
    CHECK(next(delivery, now).substr(0, 9) == "POST core");
    return delivery.answered({.status = 403}, now);
  };
  CHECK(next(delivery) == "POST events a");
  CHECK(refuse(start) == event_problem::forbidden);
  CHECK(next(delivery, start + 5min - 1s).empty());
  CHECK(delivery.wake_at() == start + 5min);
  CHECK(next(delivery, start + 5min) == "POST events b");
  CHECK(!refuse(start + 5min));
  CHECK(delivery.counters().forbidden == 2);
  // The Role was mended; when it breaks again, that is told again.
  CHECK(next(delivery, start + 10min) == "POST events c");
  CHECK(!delivery.answered({.status = 201}, start + 10min));
  delivery.push(write("d"));
  CHECK(next(delivery, start + 10min) == "POST events d");
  CHECK(refuse(start + 10min) == event_problem::forbidden);
}

TEST_CASE("where patches alone are forbidden new Events still go out") {
  event_delivery delivery;
  delivery.push(write("a", verb::patch));
  delivery.push(write("b", verb::patch));
  delivery.push(write("c"));
  CHECK(next(delivery) == "PATCH events a");
  CHECK(!delivery.answered({.status = 403}, start));
  CHECK(next(delivery) == "PATCH core a");
  CHECK(delivery.answered({.status = 403}, start) == event_problem::forbidden);
  CHECK(next(delivery) == "POST events c");
  CHECK(delivery.counters().forbidden == 2);
  CHECK(!delivery.answered({.status = 201}, start));
  delivery.push(write("c", verb::patch));
  CHECK(next(delivery, start + 5min) == "PATCH events c");
}

TEST_CASE("404 from both is a missing namespace: given up at once") {
  event_delivery delivery;
  delivery.push(write("a"));
  CHECK(next(delivery) == "POST events a");
  CHECK(!delivery.answered({.status = 404}, start));
  CHECK(next(delivery) == "POST core a");
  CHECK(delivery.answered({.status = 404}, start) == event_problem::not_found);
  CHECK(next(delivery).empty());
  CHECK(delivery.counters().failed == 1);
}

TEST_CASE("an API that is away costs at most twelve tries per Event, further and further apart") {
  event_delivery delivery;
  delivery.push(write("a"));
  delivery.push(write("b"));
  time_point now = start;
  for (int tries = 1; tries < 12; ++tries) {
    CHECK(next(delivery, now) == "POST events a");
    CHECK(!delivery.answered({.status = tries % 2 == 0 ? 503 : 0}, now));
    const auto wake = delivery.wake_at();
    REQUIRE(wake);
    CHECK(*wake - now >= 1s);
    CHECK(*wake - now <= 75s);
    CHECK(next(delivery, *wake - 1ms).empty());
    now = *wake;
  }
  CHECK(now - start >= 5min);
  CHECK(next(delivery, now) == "POST events a");
  CHECK(delivery.answered({}, now) == event_problem::unreachable);
  CHECK(delivery.counters().failed == 1);
  CHECK(next(delivery, now).empty());
  now = delivery.wake_at().value();
  CHECK(next(delivery, now) == "POST events b");
  CHECK(!delivery.answered({.status = 201}, now));
  delivery.push(write("c"));
  CHECK(next(delivery, now) == "POST events c");
}

TEST_CASE("Retry-After is obeyed, within reason") {
  event_delivery delivery;
  delivery.push(write("a"));
  next(delivery);
  CHECK(!delivery.answered({.status = 429, .retry_after = 90s}, start));
  CHECK(delivery.wake_at() == start + 90s);
  next(delivery, start + 90s);
  CHECK(!delivery.answered({.status = 503, .retry_after = 240h}, start + 90s));
  CHECK(delivery.wake_at() == start + 90s + 5min);
}

TEST_CASE("an Event that is there already was written by a try whose answer was lost") {
  event_delivery delivery;
  delivery.push(write("a"));
  next(delivery);
  CHECK(!delivery.answered({}, start));
  next(delivery, start + 2s);
  CHECK(!delivery.answered({.status = 409}, start + 2s));
  CHECK(delivery.counters().written == 1);
  CHECK(!delivery.wake_at());
}

TEST_CASE("a patch of an Event that the API server has forgotten becomes a new one") {
  event_delivery delivery;
  delivery.push(write("a", verb::patch));
  CHECK(next(delivery) == "PATCH events a");
  CHECK(!delivery.answered({.status = 404}, start));
  CHECK(next(delivery) == "POST events a");
  CHECK(!delivery.answered({.status = 201}, start));
  CHECK(delivery.counters().written == 1);
  CHECK(delivery.counters().patched == 0);
}

TEST_CASE("an Event that the API server does not take is not sent again") {
  const int status = GENERATE(400, 413, 422);
  event_delivery delivery;
  delivery.push(write("a"));
  delivery.push(write("b"));
  next(delivery);
  CHECK(delivery.answered({.status = status}, start) == event_problem::refused);
  CHECK(next(delivery) == "POST events b");
  CHECK(!delivery.answered({.status = status}, start));  // told once
  CHECK(delivery.counters().failed == 2);
}

TEST_CASE("a full queue drops its oldest, but not what is on its way") {
  event_delivery delivery({.max_queued = 2});
  delivery.push(write("a"));
  CHECK(next(delivery) == "POST events a");
  for (const char* name : {"b", "c", "d"}) delivery.push(write(name));
  CHECK(delivery.counters().dropped == 1);
  CHECK(next(delivery) == "POST events a");
  CHECK(!delivery.answered({.status = 201}, start));
  CHECK(next(delivery) == "POST events c");
}
