#include "kubernetes/event_recorder.hpp"

#include "async/task_group.hpp"
#include "http/errc.hpp"
#include "kubernetes/errc.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_kube_api.hpp"
#include "tests/support/run_coroutine.hpp"

#include <nlohmann/json.hpp>

#include <exception>
#include <functional>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace warren::kubernetes;
using nlohmann::json;
using warren::async::awaitable;
using warren::base::failure;
using warren::base::steady;
using warren::testing::fake_kube_api;
using warren::testing::poll_until;
using warren::testing::run_coroutine;

namespace {

const std::string new_group = "events.events.k8s.io";
const std::string core_group = "events";

event_recorder_settings impatient() {
  event_recorder_settings settings;
  settings.source.instance = "rmq-0";
  settings.delivery.backoff = {.first = 1ms, .cap = 2ms, .jitter = 0};
  return settings;
}

event alarm_of(const std::string& note) {
  return {.type = event_type::warning,
          .reason = "AlarmRaised",
          .action = "CheckAlarms",
          .note = note,
          .object = {.api_version = "v1",
                     .kind = "Pod",
                     .name_space = "default",
                     .name = "rmq-0",
                     .uid = "uid-0"}};
}

// A recorder beside an API server of its own.
struct scene {
  scene(const warren::async::asio::any_io_executor& executor, event_recorder_settings settings)
      : server(executor),
        api(executor, {.tls = false, .host = "127.0.0.1", .port = server.port(), .token_path = ""},
            "warren/test"),
        recorder(executor, api, std::move(settings),
                 [this](const failure& f) { problems.push_back(f); }),
        tasks(executor,
              [](std::string_view, std::exception_ptr error) { std::rethrow_exception(error); }) {}

  void start() { tasks.spawn("events", recorder.run()); }
  awaitable<void> stop() {
    tasks.cancel();
    co_await tasks.join();
  }
  awaitable<void> until_written(std::uint64_t count) {
    co_await poll_until([this, count] { return recorder.counters().written >= count; }, "written");
  }
  // The only Event of that group, or null.
  [[nodiscard]] json only_event(const std::string& group) const {
    if (server.events().empty()) return nullptr;
    const std::string name = server.events().front().at("metadata").at("name");
    return server.find(group, "default", name);
  }

  fake_kube_api server;
  api_client api;
  std::vector<failure> problems;
  event_recorder recorder;
  warren::async::task_group tasks;
};

void with_scene(event_recorder_settings settings,
                const std::function<awaitable<void>(scene&)>& body) {
  run_coroutine([&]() -> awaitable<void> {
    scene s(co_await warren::async::asio::this_coro::executor, settings);
    co_await body(s);
    co_await s.stop();
  });
}

}  // namespace

TEST_CASE("what is recorded arrives as an Event, its repeats as a series of it") {
  with_scene(impatient(), [](scene& s) -> awaitable<void> {
    s.recorder.record(alarm_of("memory alarm"));
    s.start();
    co_await s.until_written(1);
    const json first = s.only_event(new_group);
    CHECK(first.at("note") == "memory alarm");
    CHECK(first.at("regarding").at("uid") == "uid-0");
    CHECK(first.at("reportingInstance") == "rmq-0");

    for (int i = 0; i < 3; ++i) s.recorder.record(alarm_of("memory alarm"));
    co_await poll_until([&] { return s.recorder.counters().patched == 1; }, "patched");
    CHECK(s.only_event(new_group).at("series").at("count") == 2);

    co_await s.stop();
    co_await s.recorder.drain(steady::now() + 5s);
    CHECK(s.only_event(new_group).at("series").at("count") == 4);
    CHECK(s.server.count("create", "/") == 1);
    CHECK(s.problems.empty());
  });
}

TEST_CASE("a series that has ended is written with its last count by itself") {
  event_recorder_settings settings = impatient();
  settings.series.end_after = 30ms;
  with_scene(settings, [](scene& s) -> awaitable<void> {
    for (int i = 0; i < 5; ++i) s.recorder.record(alarm_of("memory alarm"));
    s.start();
    co_await poll_until([&] { return s.recorder.counters().patched == 2; }, "the last count");
    CHECK(s.only_event(new_group).at("series").at("count") == 5);
  });
}

TEST_CASE("Events go to core/v1 where events.k8s.io is missing or forbidden") {
  const bool missing = GENERATE(true, false);
  with_scene(impatient(), [missing](scene& s) -> awaitable<void> {
    if (missing) {
      s.server.lose_resource(new_group);
    } else {
      s.server.forbid(new_group);
    }
    s.recorder.record(alarm_of("a"));
    s.recorder.record(alarm_of("b"));
    s.start();
    co_await s.until_written(2);
    CHECK(s.only_event(core_group).at("message") == "a");
    CHECK(s.only_event(core_group).at("source").at("component") == "warren.dev/agent");
    CHECK(s.server.count("create", "/apis/events.k8s.io/") == 1);
    CHECK(s.problems.empty());
  });
}

TEST_CASE("Events forbidden in both groups are told once with the cure, and not sent hot (K5)") {
  with_scene(impatient(), [](scene& s) -> awaitable<void> {
    s.server.forbid(new_group);
    s.server.forbid(core_group);
    for (const char* note : {"a", "b", "c"}) s.recorder.record(alarm_of(note));
    s.start();
    co_await poll_until([&] { return s.recorder.counters().forbidden == 1; }, "forbidden");
    co_await s.stop();
    const auto begin = steady::now();
    co_await s.recorder.drain(begin + 4s);  // the pause is longer: nothing to wait for
    CHECK(steady::now() - begin < 2s);
    CHECK(s.server.requests().size() == 2);
    REQUIRE(s.problems.size() == 1);
    CHECK(s.problems[0].code == errc::forbidden);
    CHECK(s.problems[0].detail ==
          "403 from events in namespace default: the Role needs create and patch on events in the "
          "group events.k8s.io");
  });
}

TEST_CASE("once the Role is mended what was queued arrives") {
  event_recorder_settings settings = impatient();
  settings.delivery.forbidden_pause = 20ms;
  with_scene(settings, [](scene& s) -> awaitable<void> {
    s.server.forbid(new_group);
    s.server.forbid(core_group);
    for (const char* note : {"a", "b", "c"}) s.recorder.record(alarm_of(note));
    s.start();
    co_await poll_until([&] { return s.recorder.counters().forbidden == 1; }, "forbidden");
    s.server.permit(new_group);
    co_await s.until_written(2);
    CHECK(s.recorder.counters().forbidden == 1);
    CHECK(s.problems.size() == 1);
  });
}

TEST_CASE("Events wait in order while the API server is away (K1)") {
  with_scene(impatient(), [](scene& s) -> awaitable<void> {
    s.server.go_away();
    for (const char* note : {"a", "b"}) s.recorder.record(alarm_of(note));
    s.start();
    const auto tried = [&] {
      const auto& requests = s.api.counters().requests;
      return requests.contains({verb::create, 0}) && requests.at({verb::create, 0}) >= 2;
    };
    co_await poll_until(tried, "two tries");
    s.server.come_back();
    co_await s.until_written(2);
    REQUIRE(s.server.events().size() == 2);
    CHECK(s.server.events()[0].at("note") == "a");
    CHECK(s.server.events()[1].at("note") == "b");
    CHECK(s.problems.empty());
  });
}

TEST_CASE("an Event is given up after its last try, told once") {
  event_recorder_settings settings = impatient();
  settings.delivery.max_tries = 2;
  with_scene(settings, [](scene& s) -> awaitable<void> {
    s.server.go_away();
    for (const char* note : {"a", "b"}) s.recorder.record(alarm_of(note));
    s.start();
    co_await poll_until([&] { return s.recorder.counters().failed == 2; }, "given up");
    REQUIRE(s.problems.size() == 1);
    CHECK(s.problems[0].code == warren::http::errc::connection_refused);
  });
}

TEST_CASE("a server in trouble is asked again (K9, K10)") {
  const unsigned status = GENERATE(429U, 500U, 503U);
  with_scene(impatient(), [status](scene& s) -> awaitable<void> {
    s.server.answer({.status = status, .times = 3});
    s.recorder.record(alarm_of("a"));
    s.start();
    co_await s.until_written(1);
    CHECK(s.server.count("create", "/") == 4);
    CHECK(s.recorder.counters().failed == 0);
  });
}

TEST_CASE("an Event whose answer is lost is not written twice") {
  with_scene(impatient(), [](scene& s) -> awaitable<void> {
    s.server.on_event([&s](const json&) { s.server.drop_connections(); });
    s.recorder.record(alarm_of("a"));
    s.start();
    co_await s.until_written(1);
    CHECK(s.server.count("create", "/") == 2);
    CHECK(s.server.events().size() == 1);
    CHECK(s.problems.empty());
  });
}

TEST_CASE("a series whose Event the API server has forgotten is written as a new one") {
  with_scene(impatient(), [](scene& s) -> awaitable<void> {
    s.recorder.record(alarm_of("a"));
    s.start();
    co_await s.until_written(1);
    const std::string name = s.only_event(new_group).at("metadata").at("name");
    REQUIRE(s.server.remove(new_group, "default", name));
    s.recorder.record(alarm_of("a"));
    co_await s.until_written(2);
    CHECK(s.only_event(new_group).at("series").at("count") == 2);
  });
}

TEST_CASE("an Event that the API server rejects is told with its words and not sent again") {
  with_scene(impatient(), [](scene& s) -> awaitable<void> {
    s.server.answer({.status = 422, .body = R"({"kind": "Status", "message": "note: Too long"})"});
    s.recorder.record(alarm_of("a"));
    s.recorder.record(alarm_of("b"));
    s.start();
    co_await s.until_written(1);
    CHECK(s.server.count("create", "/") == 2);
    CHECK(s.recorder.counters().failed == 1);
    REQUIRE(s.problems.size() == 1);
    CHECK(s.problems[0].code == errc::rejected);
    CHECK(s.problems[0].detail == "422 from events in namespace default: note: Too long");
  });
}

TEST_CASE("draining writes what a cancelled run() had begun") {
  with_scene(impatient(), [](scene& s) -> awaitable<void> {
    s.server.silence();
    s.recorder.record(alarm_of("a"));
    s.start();
    co_await poll_until([&] { return s.server.requests().size() == 1; }, "a request");
    co_await s.stop();
    s.server.behave();
    co_await s.recorder.drain(steady::now() + 5s);
    CHECK(s.recorder.counters().written == 1);
  });
}

TEST_CASE("draining ends by its deadline when the API server is silent (P1)") {
  with_scene(impatient(), [](scene& s) -> awaitable<void> {
    s.server.silence();
    s.recorder.record(alarm_of("a"));
    const auto begin = steady::now();
    co_await s.recorder.drain(begin + 50ms);
    CHECK(steady::now() - begin >= 50ms);
    CHECK(steady::now() - begin < 2s);
    CHECK(s.recorder.counters().written == 0);
  });
}
