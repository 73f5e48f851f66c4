#include "kubernetes/event_spam_filter.hpp"

#include "tests/support/catch.hpp"

#include <string>

using namespace std::chrono_literals;
using namespace warren::kubernetes;
using warren::base::time_point;

namespace {

object_reference pod(const std::string& name) {
  return {.api_version = "v1",
          .kind = "Pod",
          .name_space = "default",
          .name = name,
          .uid = "uid-" + name};
}

int admitted(event_spam_filter& filter, const std::string& name, int attempts, time_point now) {
  int count = 0;
  for (int i = 0; i < attempts; ++i) count += filter.admit(pod(name), event_type::warning, now);
  return count;
}

}  // namespace

TEST_CASE("25 new Events about an object at once, then one more every 300 seconds") {
  event_spam_filter filter;
  const time_point start{};
  CHECK(admitted(filter, "rmq-0", 100, start) == 25);
  CHECK(admitted(filter, "rmq-0", 10, start + 299s) == 0);
  CHECK(admitted(filter, "rmq-0", 10, start + 300s) == 1);
  CHECK(admitted(filter, "rmq-0", 10, start + 900s) == 2);
  CHECK(admitted(filter, "rmq-0", 100, start + 24h) == 25);
}

TEST_CASE("each object, and each type of Event, has an allowance of its own") {
  event_spam_filter filter;
  const time_point start{};
  CHECK(admitted(filter, "rmq-0", 100, start) == 25);
  CHECK(admitted(filter, "rmq-1", 100, start) == 25);
  CHECK(filter.admit(pod("rmq-0"), event_type::normal, start));
}

TEST_CASE("beyond the bound the object that has been quiet longest is forgotten") {
  event_spam_filter filter({.burst = 1, .refill = 1h, .max_objects = 2});
  const time_point start{};
  CHECK(admitted(filter, "a", 2, start) == 1);
  CHECK(admitted(filter, "b", 2, start + 1s) == 1);
  CHECK(admitted(filter, "c", 2, start + 2s) == 1);
  CHECK(admitted(filter, "b", 1, start + 3s) == 0);
  CHECK(admitted(filter, "a", 1, start + 4s) == 1);
}
