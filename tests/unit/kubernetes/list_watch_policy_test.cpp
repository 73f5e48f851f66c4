#include "kubernetes/list_watch_policy.hpp"

#include "kubernetes/errc.hpp"
#include "tests/support/catch.hpp"

using namespace std::chrono_literals;
using namespace warren;
using kubernetes::api_failure;
using kubernetes::errc;
using kubernetes::list_watch_policy;
using kubernetes::list_watch_step;
using kind = list_watch_step::kind;

namespace {

const base::time_point start = base::time_point(1h);

kubernetes::list_watch_settings settings() {
  kubernetes::list_watch_settings out;
  out.backoff.jitter = 0.0;
  return out;
}

api_failure refusal(int status, std::optional<base::duration> retry_after = std::nullopt) {
  return {base::failure(errc::rejected), status, retry_after};
}

list_watch_policy watching(const std::string& version) {
  list_watch_policy policy(settings(), 1);
  policy.listed(version, "");
  return policy;
}

}  // namespace

TEST_CASE("the first list takes any version and asks for pages", "[kubernetes]") {
  const list_watch_policy policy(settings(), 1);
  CHECK(policy.next().what == kind::list);
  CHECK(policy.next().resource_version == "0");
  CHECK(policy.next().limit == 50);
  CHECK(policy.next().not_before <= start);
}

TEST_CASE("a list goes on page by page and then becomes a watch from its version", "[kubernetes]") {
  list_watch_policy policy(settings(), 1);
  policy.listed("7", "more");
  CHECK(policy.next().what == kind::list);
  CHECK(policy.next().continue_token == "more");
  // The server refuses a version beside a token.
  CHECK(policy.next().resource_version.empty());
  policy.listed("7", "");
  CHECK(policy.next().what == kind::watch);
  CHECK(policy.next().resource_version == "7");
  CHECK(policy.next().timeout >= 300s);
  CHECK(policy.next().timeout <= 600s);
}

TEST_CASE("watches of different agents end at different times", "[kubernetes]") {
  list_watch_policy one(settings(), 1);
  list_watch_policy other(settings(), 2);
  one.listed("7", "");
  other.listed("7", "");
  CHECK(one.next().timeout != other.next().timeout);
}

TEST_CASE("what ends a watch decides what comes next", "[kubernetes]") {
  struct row {
    const char* what;
    std::optional<api_failure> why;
    base::duration lived;
    bool failed;
    kind next;
    base::duration wait;
  };
  const row table[] = {
      {"its regular end", std::nullopt, 300s, false, kind::watch, 0s},
      {"K11: an end at once", std::nullopt, 10ms, true, kind::watch, 800ms},
      {"K12: a cut after some time", refusal(0), 20s, false, kind::watch, 0s},
      {"a cut at once", refusal(0), 10ms, true, kind::watch, 800ms},
      {"K7: 410", refusal(410), 0s, true, kind::list, 800ms},
      {"K7: 410 in a stream that has lived", refusal(410), 50s, true, kind::list, 800ms},
      {"K9: 429", refusal(429), 0s, true, kind::watch, 800ms},
      {"K9: 429 with Retry-After", refusal(429, 7s), 0s, true, kind::watch, 7s},
      {"a shorter Retry-After than the back-off", refusal(429, 0s), 0s, true, kind::watch, 800ms},
      {"K10: 503", refusal(503), 0s, true, kind::watch, 800ms},
      {"K1: refused", refusal(0), 0s, true, kind::watch, 800ms},
      {"K16: a line that is no event", refusal(400), 50s, true, kind::list, 800ms},
  };
  for (const row& r : table) {
    CAPTURE(r.what);
    list_watch_policy policy = watching("7");
    CHECK(policy.watch_ended(r.why, r.lived, start) == r.failed);
    CHECK(policy.next().what == r.next);
    // K7: not before what was seen, so that the view does not go back in time.
    CHECK(policy.next().resource_version == "7");
    if (r.wait == 0s) {
      CHECK(policy.next().not_before <= start);
    } else {
      CHECK(policy.next().not_before == start + r.wait);
    }
  }
}

TEST_CASE("K15: bookmarks move the version that the next watch begins at", "[kubernetes]") {
  list_watch_policy policy = watching("7");
  policy.saw("9");
  policy.saw("");
  policy.watch_ended(std::nullopt, 300s, start);
  CHECK(policy.next().resource_version == "9");
}

TEST_CASE("a failed list waits and is made again from the same version", "[kubernetes]") {
  list_watch_policy policy(settings(), 1);
  policy.list_failed(refusal(503), start);
  CHECK(policy.next().what == kind::list);
  CHECK(policy.next().resource_version == "0");
  CHECK(policy.next().not_before == start + 800ms);
  policy.list_failed(refusal(429, 20s), start);
  CHECK(policy.next().not_before == start + 20s);
}

TEST_CASE("K7: a version that is gone is not asked for again", "[kubernetes]") {
  list_watch_policy policy = watching("7");
  policy.watch_ended(refusal(410), 0s, start);
  CHECK(policy.next().resource_version == "7");
  policy.list_failed(refusal(410), start);
  CHECK(policy.next().resource_version.empty());
  CHECK(policy.next().limit == 50);
  CHECK(policy.next().not_before <= start);
  policy.list_failed(refusal(410), start);
  CHECK(policy.next().not_before > start);
  policy.listed("30", "");
  CHECK(policy.next().resource_version == "30");
}

TEST_CASE("a version that the server has not reached is not asked for again", "[kubernetes]") {
  list_watch_policy policy = watching("7");
  policy.watch_ended(refusal(410), 0s, start);
  policy.list_failed(refusal(504), start);
  CHECK(policy.next().resource_version.empty());
  CHECK(policy.next().not_before > start);
}

TEST_CASE("K8: 410 amid the pages starts the list anew, in one piece and without a token",
          "[kubernetes]") {
  list_watch_policy policy(settings(), 1);
  policy.listed("7", "more");
  policy.list_failed(refusal(410), start);
  CHECK(policy.next().what == kind::list);
  CHECK(policy.next().continue_token.empty());
  CHECK(policy.next().resource_version.empty());
  CHECK(policy.next().limit == 0);
  CHECK(policy.next().not_before <= start);
}

TEST_CASE("a list from a version has no limit, which would mean exactly that version",
          "[kubernetes]") {
  list_watch_policy policy = watching("7");
  policy.watch_ended(refusal(410), 0s, start);
  CHECK(policy.next().resource_version == "7");
  CHECK(policy.next().limit == 0);
}

TEST_CASE("K10: in an hour's storm the requests stay few", "[kubernetes]") {
  list_watch_policy policy = watching("7");
  int requests = 0;
  for (base::time_point now = start; now < start + 1h; ++requests) {
    policy.watch_ended(refusal(503), 0s, now);
    REQUIRE(policy.next().not_before > now);
    now = policy.next().not_before;
  }
  CHECK(requests < 130);
}

TEST_CASE("K11: a watch that ends at once but brought an event has not failed", "[kubernetes]") {
  list_watch_policy policy = watching("7");
  policy.saw("8");
  CHECK_FALSE(policy.watch_ended(std::nullopt, 0s, start));
  CHECK(policy.next().not_before <= start);
  CHECK(policy.next().resource_version == "8");
  // The next one is a watch of its own.
  CHECK(policy.watch_ended(std::nullopt, 0s, start));
  CHECK(policy.next().not_before > start);
}

TEST_CASE("K11: the wait after watches that end at once grows to its cap", "[kubernetes]") {
  list_watch_policy policy = watching("7");
  base::time_point now = start;
  base::duration wait{};
  for (int i = 0; i < 8; ++i) {
    policy.watch_ended(std::nullopt, 0s, now);
    CHECK(policy.next().not_before - now >= wait);
    wait = policy.next().not_before - now;
    now = policy.next().not_before;
  }
  CHECK(wait == 30s);
}
