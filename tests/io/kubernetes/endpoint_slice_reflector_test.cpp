#include "kubernetes/errc.hpp"
#include "tests/io/kubernetes/endpoint_scene.hpp"
#include "tests/support/catch.hpp"

using namespace std::chrono_literals;
using namespace warren;
using async::awaitable;
using kubernetes::errc;
using testing::endpoint_scene;
using testing::impatient;
using testing::not_started;
using testing::poll_until;
using testing::watch_fault;
using testing::watching;

TEST_CASE("K7: 410 in the stream and on a list lead to a list, never back in time",
          "[kubernetes]") {
  watching([](endpoint_scene& s) -> awaitable<void> {
    s.server.fail_watches(watch_fault::expired);
    s.server.end_watches();
    co_await poll_until([&] { return s.lists() == 2; }, "relist");
    const auto& requests = s.server.requests();
    const auto relist = std::find_if(requests.rbegin(), requests.rend(),
                                     [](const auto& r) { return r.verb == "list"; });
    CHECK(relist->query.at("resourceVersion") != "0");
    co_await s.until_watching();
    s.put_slice("b", {"rmq-1"});
    co_await s.until_pods("rmq-0 rmq-1 ");
    CHECK(s.failed_with(errc::gone));
  });
}

TEST_CASE("K7: 410 as the answer to a watch", "[kubernetes]") {
  watching([](endpoint_scene& s) -> awaitable<void> {
    s.server.answer({.status = 410, .path_prefix = "/apis/discovery", .verb = "watch"});
    s.server.end_watches();
    co_await poll_until([&] { return s.lists() == 2; }, "relist");
    co_await s.until_watching();
  });
}

TEST_CASE("K9: 429 with Retry-After is waited for and the watch resumed without a list",
          "[kubernetes]") {
  watching([](endpoint_scene& s) -> awaitable<void> {
    s.server.answer({.status = 429,
                     .path_prefix = "/apis/discovery",
                     .verb = "watch",
                     .headers = {{"Retry-After", "1"}}});
    const auto start = base::steady::now();
    s.server.end_watches();
    co_await poll_until([&] { return s.failed_with(errc::too_many_requests); }, "429");
    co_await s.until_watching();
    CHECK(base::steady::now() - start >= 1s);
    CHECK(s.lists() == 1);
  });
}

TEST_CASE("K9: 429 on the list", "[kubernetes]") {
  not_started([](endpoint_scene& s) -> awaitable<void> {
    s.server.answer({.status = 429,
                     .path_prefix = "/apis/discovery",
                     .verb = "list",
                     .headers = {{"Retry-After", "1"}}});
    const auto start = base::steady::now();
    s.start();
    co_await s.until_pods("rmq-0 ");
    CHECK(base::steady::now() - start >= 1s);
  });
}

TEST_CASE("K10: a storm of 503 keeps the endpoints, few requests go out", "[kubernetes]") {
  watching([](endpoint_scene& s) -> awaitable<void> {
    s.server.answer({.status = 503, .times = testing::forever, .path_prefix = "/apis/discovery"});
    const auto start = base::steady::now();
    const std::size_t before = s.watches() + s.lists();
    s.server.end_watches();
    co_await poll_until([&] { return s.failures.size() >= 4; }, "failures");
    const auto passed = base::steady::now() - start;
    // At least 20, 40, 40 ms lie between them.
    CHECK(passed >= 100ms);
    CHECK(s.watches() + s.lists() - before <= 6);
    CHECK(s.pods() == "rmq-0 ");
    s.server.behave();
    co_await poll_until([&] { return s.problems.back().empty(); }, "no problem");
    CHECK(s.lists() == 1);
  });
}

TEST_CASE("K11: watches that end at once are failures with a growing wait", "[kubernetes]") {
  kubernetes::endpoint_source_settings settings = impatient();
  settings.slices.policy.very_short = 1s;
  watching(
      [](endpoint_scene& s) -> awaitable<void> {
        s.server.fail_watches(watch_fault::ended_at_once, 3);
        s.server.end_watches();
        co_await poll_until([&] { return s.failures.size() >= 3; }, "failures");
        CHECK(s.failed_with(errc::watch_ended_at_once));
        CHECK(s.lists() == 1);
      },
      settings);
}

TEST_CASE("K12: a watch cut inside a line goes on, with nothing lost and nothing doubled",
          "[kubernetes]") {
  watching([](endpoint_scene& s) -> awaitable<void> {
    s.server.fail_watches(watch_fault::cut_inside_line);
    s.server.end_watches();
    co_await poll_until([&] { return s.watches() == 2; }, "second watch");
    const int changes = s.changes;
    s.put_slice("b", {"rmq-1"});
    co_await s.until_pods("rmq-0 rmq-1 ");
    CHECK(s.changes == changes + 1);
    CHECK(s.lists() == 1);
  });
}

TEST_CASE("K12: cut after each of the first bytes, no event is lost", "[kubernetes]") {
  watching([](endpoint_scene& s) -> awaitable<void> {
    for (std::size_t cut = 1; cut <= 900; cut += 131) {
      CAPTURE(cut);
      s.server.cut_watches_after(cut);
      s.server.drop_connections();
      s.put_slice("b", {"rmq-" + std::to_string(cut)});
      const std::size_t before = s.watches();
      co_await poll_until([&] { return s.watches() > before; }, "watch after the cut");
      s.server.behave();
      co_await s.until_pods("rmq-0 rmq-" + std::to_string(cut) + " ");
    }
  });
}

TEST_CASE("K14: a watch that is silent for too long is made anew", "[kubernetes]") {
  kubernetes::endpoint_source_settings settings = impatient();
  settings.slices.policy.min_timeout = 0s;
  settings.slices.policy.max_timeout = 0s;
  settings.slices.policy.slack = 200ms;
  not_started(
      [](endpoint_scene& s) -> awaitable<void> {
        s.start();
        co_await s.until_pods("rmq-0 ");
        s.server.mute_watches();
        const std::size_t before = s.watches();
        co_await poll_until([&] { return s.watches() > before + 1; }, "another watch");
        s.server.behave();
        s.put_slice("b", {"rmq-1"});
        co_await s.until_pods("rmq-0 rmq-1 ");
      },
      settings);
}

TEST_CASE("K15: bookmarks alone confirm the view and change nothing", "[kubernetes]") {
  watching([](endpoint_scene& s) -> awaitable<void> {
    const int changes = s.changes;
    const int confirmations = s.confirmations;
    s.server.send_bookmarks_every(2ms);
    // A view is confirmed by a new list too: the bookmarks are counted.
    co_await poll_until(
        [&] { return s.source.counters().events >= 5 && s.confirmations >= confirmations + 5; },
        "bookmarks");
    CHECK(s.changes == changes);
  });
}

TEST_CASE("K16: repeated and unknown events do no harm", "[kubernetes]") {
  watching([](endpoint_scene& s) -> awaitable<void> {
    s.server.repeat_events();
    s.server.send_unknown_event();
    const int changes = s.changes;
    s.put_slice("b", {"rmq-1"});
    co_await s.until_pods("rmq-0 rmq-1 ");
    co_await poll_until([&] { return s.source.counters().events >= 2; }, "both");
    CHECK(s.changes == changes + 1);
    CHECK(s.source.counters().unknown_events == 1);
  });
}

TEST_CASE("K16: after a line that is no event the view is listed anew", "[kubernetes]") {
  watching([](endpoint_scene& s) -> awaitable<void> {
    s.server.send_to_watches("garbage\n");
    co_await poll_until([&] { return s.lists() == 2; }, "relist");
    CHECK(s.failed_with(errc::malformed_answer));
    co_await s.until_watching();
  });
}

TEST_CASE("K19: an endless line is cut off at the limit", "[kubernetes]") {
  watching([](endpoint_scene& s) -> awaitable<void> {
    s.server.fail_watches(watch_fault::endless_line);
    s.server.end_watches();
    co_await poll_until([&] { return s.failed_with(errc::answer_too_large); }, "limit");
    co_await s.until_watching();
  });
}

TEST_CASE("a connection lost amid a watch is made again at once", "[kubernetes]") {
  kubernetes::endpoint_source_settings settings = impatient();
  settings.slices.policy.very_short = 0ms;
  watching(
      [](endpoint_scene& s) -> awaitable<void> {
        s.server.drop_connections();
        s.put_slice("b", {"rmq-1"});
        co_await s.until_pods("rmq-0 rmq-1 ");
        CHECK(s.lists() == 1);
        CHECK(s.failures.empty());
      },
      settings);
}
