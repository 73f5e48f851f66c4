#include "kubernetes/endpoint_source.hpp"

#include "async/task_group.hpp"
#include "http/errc.hpp"
#include "kubernetes/errc.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_kube_api.hpp"
#include "tests/support/kube_objects.hpp"
#include "tests/support/run_coroutine.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <exception>

using namespace std::chrono_literals;
using namespace warren;
using async::awaitable;
using kubernetes::endpoint;
using kubernetes::endpoint_origin;
using kubernetes::errc;
using testing::endpoint_slice;
using testing::poll_until;
using testing::watch_fault;

namespace {

const std::string slices = "endpointslices.discovery.k8s.io";

kubernetes::endpoint_source_settings impatient() {
  kubernetes::endpoint_source_settings out;
  out.slices.policy.backoff = {.first = 20ms, .cap = 40ms, .jitter = 0.0};
  out.slices.policy.slack = 30ms;
  out.slices.policy.very_short = 2ms;
  out.slices.request_timeout = 100ms;
  out.poll_interval = 5ms;
  out.slices_retry_interval = 10s;
  return out;
}

// A source beside an API server of its own, and what it told.
struct scene {
  explicit scene(const async::asio::any_io_executor& executor,
                 kubernetes::endpoint_source_settings settings = impatient())
      : server(executor),
        api(executor, {.tls = false, .host = "127.0.0.1", .port = server.port(), .token_path = ""},
            "warren/test"),
        source(api, "rmq",
               {.on_endpoints =
                    [this](std::vector<endpoint> all) {
                      ++changes;
                      endpoints = std::move(all);
                    },
                .on_confirmed = [this] { ++confirmations; },
                .on_failure = [this](const base::failure& f) { failures.push_back(f); },
                .on_problem = [this](std::string_view text) { problems.emplace_back(text); }},
               settings, 1),
        tasks(executor,
              [](std::string_view, std::exception_ptr error) { std::rethrow_exception(error); }) {}

  void put_slice(const std::string& name, const std::vector<std::string>& pods) {
    std::vector<testing::kube_endpoint> all;
    for (const std::string& pod : pods) all.push_back({.pod = pod, .address = "10.0.0.1"});
    server.put(endpoint_slice(name, "rmq", all));
  }
  void start() { tasks.spawn("source", source.run()); }
  awaitable<void> stop() {
    tasks.cancel();
    co_await tasks.join();
  }
  [[nodiscard]] std::string pods() const {
    std::string out;
    for (const endpoint& e : endpoints) out += e.pod + " ";
    return out;
  }
  awaitable<void> until_pods(std::string expected) {
    co_await poll_until([this, &expected] { return pods() == expected; }, "pods: " + expected);
  }
  awaitable<void> until_watching() {
    co_await poll_until([this] { return server.watches_open() == 1; }, "watch");
  }
  [[nodiscard]] std::size_t lists() const { return server.count("list", "/apis/discovery"); }
  [[nodiscard]] std::size_t watches() const { return server.count("watch", "/apis/discovery"); }
  [[nodiscard]] bool failed_with(const base::error_code& code) const {
    return std::any_of(failures.begin(), failures.end(),
                       [&](const base::failure& f) { return f.code == code; });
  }

  testing::fake_kube_api server;
  kubernetes::api_client api;
  int changes = 0;
  int confirmations = 0;
  std::vector<endpoint> endpoints;
  std::vector<base::failure> failures;
  std::vector<std::string> problems;
  kubernetes::endpoint_source source;
  async::task_group tasks;
};

using scene_body = awaitable<void> (*)(scene&);

// The body begins with rmq-0 listed and a watch open.
void watching(scene_body body, kubernetes::endpoint_source_settings settings = impatient()) {
  testing::run_coroutine([=]() -> awaitable<void> {
    scene s(co_await async::asio::this_coro::executor, settings);
    s.put_slice("a", {"rmq-0"});
    s.start();
    co_await s.until_pods("rmq-0 ");
    co_await s.until_watching();
    co_await body(s);
    co_await s.stop();
  });
}

// The body begins before the first request.
void not_started(scene_body body, kubernetes::endpoint_source_settings settings = impatient()) {
  testing::run_coroutine([=]() -> awaitable<void> {
    scene s(co_await async::asio::this_coro::executor, settings);
    s.put_slice("a", {"rmq-0"});
    co_await body(s);
    co_await s.stop();
  });
}

}  // namespace

TEST_CASE("slices are listed and joined, and changes come by the watch", "[kubernetes]") {
  watching([](scene& s) -> awaitable<void> {
    CHECK(s.source.origin() == endpoint_origin::slices);
    s.put_slice("b", {"rmq-1"});
    co_await s.until_pods("rmq-0 rmq-1 ");
    s.put_slice("a", {"rmq-2"});
    co_await s.until_pods("rmq-2 rmq-1 ");
    s.server.remove(slices, "default", "b");
    co_await s.until_pods("rmq-2 ");
    CHECK(s.lists() == 1);
    CHECK(s.watches() == 1);
    CHECK(s.failures.empty());
    CHECK(s.problems.empty());
  });
}

TEST_CASE("slices of another Service are not asked for", "[kubernetes]") {
  watching([](scene& s) -> awaitable<void> {
    s.server.put(endpoint_slice("other", "web", {{.pod = "web-0", .address = "10.0.0.7"}}));
    s.put_slice("b", {"rmq-1"});
    co_await s.until_pods("rmq-0 rmq-1 ");
  });
}

TEST_CASE("a long list comes in pages", "[kubernetes]") {
  kubernetes::endpoint_source_settings settings = impatient();
  settings.slices.policy.page = 2;
  not_started(
      [](scene& s) -> awaitable<void> {
        for (const char* name : {"b", "c", "d", "e"}) s.put_slice(name, {name});
        s.start();
        co_await s.until_pods("rmq-0 b c d e ");
        CHECK(s.changes == 1);
      },
      settings);
}

TEST_CASE("K1: while the API server refuses, the source stays up and tells it once",
          "[kubernetes]") {
  not_started([](scene& s) -> awaitable<void> {
    s.server.go_away();
    s.start();
    co_await poll_until([&] { return s.failures.size() >= 3; }, "failures");
    CHECK(s.failed_with(http::errc::connection_refused));
    CHECK(s.changes == 0);
    CHECK(s.problems.size() == 1);
    s.server.come_back();
    co_await s.until_pods("rmq-0 ");
    CHECK(s.problems.size() == 2);
    CHECK(s.problems.back().empty());
  });
}

TEST_CASE("K5: without permission for slices Endpoints are polled, told once", "[kubernetes]") {
  not_started([](scene& s) -> awaitable<void> {
    s.server.forbid(slices);
    s.server.put(testing::endpoints("rmq", {{.pod = "rmq-0", .address = "10.0.0.1"},
                                            {.pod = "rmq-1", .address = "::2", .ready = false}}));
    s.start();
    co_await s.until_pods("rmq-0 rmq-1 ");
    CHECK(s.source.origin() == endpoint_origin::endpoints);
    CHECK_FALSE(s.endpoints[1].ready);
    s.server.put(testing::endpoints("rmq", {{.pod = "rmq-5", .address = "10.0.0.5"}}));
    co_await s.until_pods("rmq-5 ");
    co_await poll_until([&] { return s.confirmations >= 5; }, "polls");
    REQUIRE(s.problems.size() == 1);
    CHECK(s.problems[0].find("the Role needs list and watch on " + slices) != std::string::npos);
    CHECK(s.lists() == 1);
    CHECK(s.failures.empty());
  });
}

TEST_CASE("K5: a watch that alone is forbidden leads to the same", "[kubernetes]") {
  not_started([](scene& s) -> awaitable<void> {
    s.server.forbid(slices, "watch");
    s.server.put(testing::endpoints("rmq", {{.pod = "rmq-9", .address = "10.0.0.9"}}));
    s.start();
    co_await s.until_pods("rmq-9 ");
    CHECK(s.source.origin() == endpoint_origin::endpoints);
  });
}

TEST_CASE("K5: with neither permission both cures are told, without a hot loop", "[kubernetes]") {
  kubernetes::endpoint_source_settings settings = impatient();
  settings.poll_interval = 50ms;
  not_started(
      [](scene& s) -> awaitable<void> {
        s.server.forbid(slices);
        s.server.forbid("endpoints");
        s.start();
        co_await poll_until([&] { return s.failures.size() >= 3; }, "failures");
        // 50, 100 ms and more, jitter on top.
        CHECK(s.server.count("get", "/api/v1") <= 3);
        REQUIRE(s.problems.size() == 1);
        CHECK(s.problems[0].find("the Role needs get on endpoints") != std::string::npos);
        CHECK(s.problems[0].find("list and watch on " + slices) != std::string::npos);
      },
      settings);
}

TEST_CASE("an API server without slices is polled for Endpoints; slices are tried again",
          "[kubernetes]") {
  kubernetes::endpoint_source_settings settings = impatient();
  settings.slices_retry_interval = 60ms;
  not_started(
      [](scene& s) -> awaitable<void> {
        s.server.lose_resource(slices);
        s.server.put(testing::endpoints("rmq", {{.pod = "old", .address = "10.0.0.1"}}));
        s.start();
        co_await s.until_pods("old ");
        s.server.behave();
        co_await s.until_pods("rmq-0 ");
        CHECK(s.source.origin() == endpoint_origin::slices);
        co_await poll_until([&] { return s.problems.back().empty(); }, "no problem");
      },
      settings);
}

TEST_CASE("K6: a Service without Endpoints is an error, not an empty list", "[kubernetes]") {
  not_started([](scene& s) -> awaitable<void> {
    s.server.forbid(slices);
    s.start();
    co_await poll_until([&] { return s.failed_with(errc::not_found); }, "404");
    CHECK(s.changes == 0);
    CHECK(s.confirmations == 0);
  });
}

TEST_CASE("K7: 410 in the stream and on a list lead to a list, never back in time",
          "[kubernetes]") {
  watching([](scene& s) -> awaitable<void> {
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
  watching([](scene& s) -> awaitable<void> {
    s.server.answer({.status = 410, .path_prefix = "/apis/discovery", .verb = "watch"});
    s.server.end_watches();
    co_await poll_until([&] { return s.lists() == 2; }, "relist");
    co_await s.until_watching();
  });
}

TEST_CASE("K9: 429 with Retry-After is waited for and the watch resumed without a list",
          "[kubernetes]") {
  watching([](scene& s) -> awaitable<void> {
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
  not_started([](scene& s) -> awaitable<void> {
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
  watching([](scene& s) -> awaitable<void> {
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
      [](scene& s) -> awaitable<void> {
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
  watching([](scene& s) -> awaitable<void> {
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
  watching([](scene& s) -> awaitable<void> {
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
      [](scene& s) -> awaitable<void> {
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
  watching([](scene& s) -> awaitable<void> {
    const int changes = s.changes;
    const int confirmations = s.confirmations;
    s.server.send_bookmarks_every(2ms);
    co_await poll_until([&] { return s.confirmations >= confirmations + 5; }, "bookmarks");
    CHECK(s.changes == changes);
    CHECK(s.source.counters().events >= 5);
  });
}

TEST_CASE("K16: repeated and unknown events do no harm", "[kubernetes]") {
  watching([](scene& s) -> awaitable<void> {
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
  watching([](scene& s) -> awaitable<void> {
    s.server.send_to_watches("garbage\n");
    co_await poll_until([&] { return s.lists() == 2; }, "relist");
    CHECK(s.failed_with(errc::malformed_answer));
    co_await s.until_watching();
  });
}

TEST_CASE("K19: an endless line is cut off at the limit", "[kubernetes]") {
  watching([](scene& s) -> awaitable<void> {
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
      [](scene& s) -> awaitable<void> {
        s.server.drop_connections();
        s.put_slice("b", {"rmq-1"});
        co_await s.until_pods("rmq-0 rmq-1 ");
        CHECK(s.lists() == 1);
        CHECK(s.failures.empty());
      },
      settings);
}
