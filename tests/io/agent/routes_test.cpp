#include "agent/routes.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/run_coroutine.hpp"

#include <boost/asio/co_spawn.hpp>
#include <nlohmann/json.hpp>

#include <string>

using namespace std::chrono_literals;
using namespace warren;
using async::awaitable;

namespace {

struct answering {
  answering()
      : store({}, {}),
        routes(
            store, {}, {.node = "rabbit@rmq-0", .service = "rmq", .peer_source = "kubernetes"},
            [](std::string_view accept) {
              http::reply r;
              r.body = "metrics for " + std::string(accept);
              return r;
            },
            [this](std::string_view path, int code) {
              counted.emplace_back(std::string(path) + " " + std::to_string(code));
            }) {}

  // Looks at a broker that runs well.
  void see_a_broker() {
    const base::time_point now = base::steady::now();
    store.change(now, [now](agent::snapshot& s) {
      domain::broker_view& broker = s.world.broker;
      broker.link = {.state = domain::link_state::connected, .since = now, .last_answer = now};
      broker.boot.saw(domain::boot_state::ready, now);
      broker.draining.saw(false, now);
      broker.alarms.saw({}, now);
      broker.ports.saw({}, now);
    });
  }
  http::reply get(const std::string& path,
                  std::vector<std::pair<std::string, std::string>> query = {}) {
    http::reply answer;
    testing::run_coroutine([&]() -> awaitable<void> {
      http::request request;
      request.path = path;
      request.query = query;
      request.accept = "text/plain";
      answer = co_await routes.answer(request);
    });
    return answer;
  }

  std::vector<std::string> counted;
  agent::snapshot_store store;
  agent::routes routes;
};

bool mentions(const std::string& text, const std::string& word) {
  return text.find(word) != std::string::npos;
}

}  // namespace

TEST_CASE("a running broker passes all probes", "[routes]") {
  answering a;
  a.see_a_broker();
  CHECK(a.get("/readyz").status == 200);
  CHECK(a.get("/livez").status == 200);
  CHECK(a.get("/readyz").body == "ok\n");
  CHECK(mentions(a.get("/readyz", {{"verbose", ""}}).body, "[+]ping ok"));
  CHECK(a.get("/readyz/ping").status == 200);
  CHECK(a.get("/livez/local-alarms").status == 200);
  CHECK(a.get("/readyz/nonsense").status == 404);
  CHECK(a.counted.front() == "/readyz 200");
}

TEST_CASE("an alarm fails liveness unless it is excluded", "[routes]") {
  answering a;
  a.see_a_broker();
  const base::time_point now = base::steady::now();
  a.store.change(now, [now](agent::snapshot& s) { s.world.broker.alarms.saw({{"memory"}}, now); });
  CHECK(a.get("/readyz").status == 200);
  const http::reply livez = a.get("/livez");
  CHECK(livez.status == 503);
  CHECK(mentions(livez.body, "memory"));
  CHECK(a.get("/livez", {{"exclude", "local-alarms"}}).status == 200);
}

TEST_CASE("a new worker holds a probe until it has looked, but not for ever", "[routes]") {
  answering a;
  SECTION("it looks in time") {
    http::reply answer;
    testing::run_coroutine([&]() -> awaitable<void> {
      http::request request;
      request.path = "/readyz";
      const auto executor = co_await async::asio::this_coro::executor;
      bool answered = false;
      auto ask = [&]() -> awaitable<void> {
        answer = co_await a.routes.answer(request);
        answered = true;
      };
      async::asio::co_spawn(executor, ask(), [](const std::exception_ptr& e) {
        if (e) std::rethrow_exception(e);
      });
      co_await testing::let_others_run();
      CHECK_FALSE(answered);
      a.see_a_broker();
      co_await testing::poll_until([&] { return answered; }, "the answer");
    });
    CHECK(answer.status == 200);
  }
  SECTION("it does not") {
    const base::time_point began = base::steady::now();
    CHECK(a.get("/readyz").status == 503);
    CHECK(base::steady::now() - began >= 400ms);
    CHECK(a.get("/livez").status == 200);
  }
}

TEST_CASE("each path of the list is served", "[routes]") {
  answering a;
  a.see_a_broker();
  for (const agent::endpoint_help& e : agent::endpoints()) {
    std::string path(e.path);
    if (const auto at = path.find("CHECK"); at != std::string::npos) path.replace(at, 5, "ping");
    CAPTURE(path);
    CHECK(a.get(path).status != 404);
  }
}

TEST_CASE("startupz says what it waits for, and passes once the broker may start", "[routes]") {
  answering a;
  CHECK(a.get("/startupz").status == 503);
  a.store.change(base::steady::now(), [](agent::snapshot& s) {
    s.world.peers.failed({make_error_code(boost::system::errc::timed_out), "the API server"});
  });
  CHECK(mentions(a.get("/startupz").body, "the API server"));
  a.store.change(base::steady::now(),
                 [](agent::snapshot& s) { s.peers_file_problem = "/etc/x: Permission denied"; });
  CHECK(mentions(a.get("/startupz").body, "/etc/x"));
  a.store.change(base::steady::now(), [](agent::snapshot& s) { s.may_start = true; });
  CHECK(a.get("/startupz").status == 200);
}

TEST_CASE("the status has the groups of the cluster and what is wrong with it", "[routes]") {
  answering a;
  CHECK(mentions(a.get("/v1/status").body, "\"groups\": null"));
  const base::time_point now = base::steady::now();
  a.store.change(now, [now](agent::snapshot& s) {
    s.cluster = {
        .groups = {{"a"}, {"b"}}, .outside = {"b"}, .without_pod = {"c"}, .pods_known = true};
    s.world.problems.all.push_back(
        {.reason = "ClusterSplitDetected", .note = "two", .since = now - 9s});
  });
  const auto status = nlohmann::json::parse(a.get("/v1/status").body);
  CHECK(status["groups"] == nlohmann::json::parse(R"([["a"],["b"]])"));
  CHECK(status["outside"] == nlohmann::json::parse(R"(["b"])"));
  CHECK(status["members_without_pod"] == nlohmann::json::parse(R"(["c"])"));
  REQUIRE(status["problems"].size() == 1);
  CHECK(status["problems"][0]["reason"] == "ClusterSplitDetected");
  CHECK(status["problems"][0]["since_seconds"] >= 9);
  CHECK(status["problems"][0]["told"] == false);
}

TEST_CASE("with a gate startupz waits for the decision and says its reason", "[routes]") {
  answering a;
  a.store.change(base::steady::now(), [](agent::snapshot& s) {
    s.gate_mode = true;
    s.decision.reason = "waiting for rabbit@rmq-1";
  });
  CHECK(a.get("/startupz").status == 503);
  CHECK(mentions(a.get("/startupz").body, "waiting for rabbit@rmq-1"));
  CHECK(mentions(a.get("/readyz").body, "ping"));
  a.store.change(base::steady::now(), [](agent::snapshot& s) { s.may_start = true; });
  CHECK(a.get("/startupz").status == 200);
}

TEST_CASE("peers, status, metrics, the agent itself, and what does not exist", "[routes]") {
  answering a;
  a.see_a_broker();
  const http::reply peers = a.get("/v1/peers");
  CHECK(peers.content_type == "application/json; charset=utf-8");
  CHECK(mentions(peers.body, "\"service\":\"rmq\""));
  const http::reply status = a.get("/v1/status");
  for (const char* key : {"node",    "decision",   "reason",   "has_data", "schema",    "service",
                          "pod_uid", "cluster_id", "broker",   "members",  "running",   "groups",
                          "alarms",  "listeners",  "version",  "state",    "formation", "gate_open",
                          "mark",    "door",       "expected", "record"}) {
    CAPTURE(key);
    CHECK(mentions(status.body, "\"" + std::string(key) + "\""));
  }
  CHECK(a.get("/metrics").body == "metrics for text/plain");
  CHECK(a.get("/agent/livez").status == 200);
  const http::reply nothing = a.get("/livezzz");
  CHECK(nothing.status == 404);
  CHECK(mentions(nothing.body, "/v1/status"));
}
