#include "http/errc.hpp"
#include "kubernetes/errc.hpp"
#include "tests/io/kubernetes/endpoint_scene.hpp"
#include "tests/support/catch.hpp"

using namespace std::chrono_literals;
using namespace warren;
using async::awaitable;
using kubernetes::endpoint_origin;
using kubernetes::errc;
using testing::endpoint_scene;
using testing::endpoint_slice;
using testing::impatient;
using testing::not_started;
using testing::poll_until;
using testing::slices_resource;
using testing::watching;

TEST_CASE("slices are listed and joined, and changes come by the watch", "[kubernetes]") {
  watching([](endpoint_scene& s) -> awaitable<void> {
    CHECK(s.source.origin() == endpoint_origin::slices);
    s.put_slice("b", {"rmq-1"});
    co_await s.until_pods("rmq-0 rmq-1 ");
    s.put_slice("a", {"rmq-2"});
    co_await s.until_pods("rmq-2 rmq-1 ");
    s.server.remove(slices_resource, "default", "b");
    co_await s.until_pods("rmq-2 ");
    CHECK(s.lists() == 1);
    CHECK(s.watches() == 1);
    CHECK(s.failures.empty());
    CHECK(s.problems.empty());
  });
}

TEST_CASE("slices of another Service are not asked for", "[kubernetes]") {
  watching([](endpoint_scene& s) -> awaitable<void> {
    s.server.put(endpoint_slice("other", "web", {{.pod = "web-0", .address = "10.0.0.7"}}));
    s.put_slice("b", {"rmq-1"});
    co_await s.until_pods("rmq-0 rmq-1 ");
  });
}

TEST_CASE("a long list comes in pages", "[kubernetes]") {
  kubernetes::endpoint_source_settings settings = impatient();
  settings.slices.policy.page = 2;
  not_started(
      [](endpoint_scene& s) -> awaitable<void> {
        for (const char* name : {"b", "c", "d", "e"}) s.put_slice(name, {name});
        s.start();
        co_await s.until_pods("rmq-0 b c d e ");
        CHECK(s.changes == 1);
      },
      settings);
}

TEST_CASE("K1: while the API server refuses, the source stays up and tells it once",
          "[kubernetes]") {
  not_started([](endpoint_scene& s) -> awaitable<void> {
    s.server.go_away();
    s.start();
    co_await poll_until([&] { return s.failures.size() >= 3; }, "failures");
    CHECK(s.failed_with(http::errc::connection_refused));
    CHECK(s.changes == 0);
    CHECK(s.problems.size() == 1);
    s.server.come_back();
    co_await s.until_pods("rmq-0 ");
    co_await poll_until([&] { return s.problems.back().empty(); }, "no problem");
    CHECK(s.problems.size() == 2);
  });
}

TEST_CASE("K5: without permission for slices Endpoints are polled, told once", "[kubernetes]") {
  not_started([](endpoint_scene& s) -> awaitable<void> {
    s.server.forbid(slices_resource);
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
    CHECK(s.problems[0].find("the Role needs list and watch on " + slices_resource) !=
          std::string::npos);
    CHECK(s.lists() == 1);
    CHECK(s.failures.empty());
  });
}

TEST_CASE("K5: a watch that alone is forbidden leads to the same", "[kubernetes]") {
  not_started([](endpoint_scene& s) -> awaitable<void> {
    s.server.forbid(slices_resource, "watch");
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
      [](endpoint_scene& s) -> awaitable<void> {
        s.server.forbid(slices_resource);
        s.server.forbid("endpoints");
        s.start();
        co_await poll_until([&] { return s.failures.size() >= 3; }, "failures");
        // 50, 100 ms and more, jitter on top.
        CHECK(s.server.count("get", "/api/v1") <= 3);
        REQUIRE(s.problems.size() == 1);
        CHECK(s.problems[0].find("the Role needs get on endpoints") != std::string::npos);
        CHECK(s.problems[0].find("list and watch on " + slices_resource) != std::string::npos);
      },
      settings);
}

TEST_CASE("an API server without slices is polled for Endpoints; slices are tried again",
          "[kubernetes]") {
  kubernetes::endpoint_source_settings settings = impatient();
  settings.first_slices_retry = 60ms;
  not_started(
      [](endpoint_scene& s) -> awaitable<void> {
        s.server.lose_resource(slices_resource);
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

TEST_CASE("a 403 of a moment is over after one short wait", "[kubernetes]") {
  kubernetes::endpoint_source_settings settings = impatient();
  settings.first_slices_retry = 30ms;
  watching(
      [](endpoint_scene& s) -> awaitable<void> {
        s.server.put(testing::endpoints("rmq", {{.pod = "rmq-0", .address = "10.0.0.1"},
                                                {.pod = "rmq-1", .address = "10.0.0.2"}}));
        for (int time = 1; time <= 2; ++time) {
          s.server.forbid(slices_resource);
          s.server.end_watches();
          co_await s.until_pods("rmq-0 rmq-1 ");
          CHECK(s.source.origin() == endpoint_origin::endpoints);
          s.server.permit(slices_resource);
          // The slices have not changed meanwhile; they are what counts all the same.
          co_await s.until_pods("rmq-0 ");
          CHECK(s.source.origin() == endpoint_origin::slices);
          co_await s.until_watching();
          co_await poll_until([&] { return s.problems.back().empty(); }, "no problem");
        }
      },
      settings);
}

TEST_CASE("while slices stay forbidden they are asked for less and less often", "[kubernetes]") {
  kubernetes::endpoint_source_settings settings = impatient();
  settings.first_slices_retry = 10ms;
  settings.longest_slices_retry = 80ms;
  not_started(
      [](endpoint_scene& s) -> awaitable<void> {
        s.server.forbid(slices_resource);
        s.server.put(testing::endpoints("rmq", {{.pod = "rmq-0", .address = "10.0.0.1"}}));
        const auto start = base::steady::now();
        s.start();
        co_await poll_until([&] { return s.lists() == 5; }, "lists");
        CHECK(base::steady::now() - start >= 150ms);
        CHECK(s.problems.size() == 1);
      },
      settings);
}

TEST_CASE("where only the watch is forbidden, that is told once", "[kubernetes]") {
  kubernetes::endpoint_source_settings settings = impatient();
  settings.first_slices_retry = 10ms;
  not_started(
      [](endpoint_scene& s) -> awaitable<void> {
        s.server.forbid(slices_resource, "watch");
        s.server.put(testing::endpoints("rmq", {{.pod = "rmq-0", .address = "10.0.0.1"}}));
        s.start();
        co_await poll_until([&] { return s.lists() == 3; }, "lists");
        co_await poll_until([&] { return !s.problems.empty(); }, "problem");
        CHECK(s.problems.size() == 1);
      },
      settings);
}

TEST_CASE("K6: a Service that does not exist is an error where slices may be listed, told once",
          "[kubernetes]") {
  kubernetes::endpoint_source_settings settings = impatient();
  settings.first_slices_retry = 10ms;
  not_started(
      [](endpoint_scene& s) -> awaitable<void> {
        s.server.remove(slices_resource, "default", "a");
        s.start();
        co_await poll_until([&] { return s.failures.size() >= 2; }, "404, twice");
        CHECK(s.failed_with(errc::not_found));
        CHECK(s.changes == 0);
        CHECK(s.confirmations == 0);
        REQUIRE(s.problems.size() == 1);
        CHECK(s.problems[0].find("no Service rmq in namespace default: check") !=
              std::string::npos);
        s.put_slice("a", {"rmq-0"});
        co_await s.until_pods("rmq-0 ");
        co_await poll_until([&] { return s.problems.back().empty(); }, "no problem");
      },
      settings);
}

TEST_CASE("K6: without slices a Service that exists has no endpoints", "[kubernetes]") {
  not_started([](endpoint_scene& s) -> awaitable<void> {
    s.server.remove(slices_resource, "default", "a");
    s.server.put(testing::endpoints("rmq", {}));
    s.start();
    co_await poll_until([&] { return s.confirmations >= 1; }, "confirmation");
    CHECK(s.changes == 1);
    CHECK(s.endpoints.empty());
    CHECK(s.source.origin() == endpoint_origin::slices);
    CHECK(s.server.count("get", "/api/v1") == 1);
    CHECK(s.failures.empty());
  });
}

TEST_CASE("K6: an empty list is believed where Endpoints may not be read", "[kubernetes]") {
  watching([](endpoint_scene& s) -> awaitable<void> {
    s.server.forbid("endpoints");
    s.server.remove(slices_resource, "default", "a");
    co_await s.until_pods("");
    CHECK(s.failures.empty());
    CHECK(s.problems.empty());
  });
}

TEST_CASE("K6: a Service without Endpoints is an error, not an empty list", "[kubernetes]") {
  not_started([](endpoint_scene& s) -> awaitable<void> {
    s.server.forbid(slices_resource);
    s.start();
    co_await poll_until([&] { return s.failed_with(errc::not_found); }, "404");
    CHECK(s.changes == 0);
    CHECK(s.confirmations == 0);
  });
}
