#include "agent/admin_routes.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/run_coroutine.hpp"

#include <nlohmann/json.hpp>

#include <string>

using namespace std::chrono_literals;
using namespace warren;
using async::awaitable;

namespace {

struct admin {
  admin()
      : store({}, {}),
        read_only(
            store, {}, {.node = "rabbit@a"}, [](std::string_view) { return http::reply(); },
            [](std::string_view, int) {}),
        routes(store, read_only, {}) {
    const base::time_point now = base::steady::now();
    store.change(now, [now](agent::snapshot& s) {
      s.world.node = "rabbit@a";
      s.gate_mode = true;
      s.formation.node = "rabbit@a";
      s.formation.began = now - 7s;
      s.formation.disk.saw({.has_data = domain::knowledge::no}, now);
      s.formation.door.saw({}, now);
      s.formation.leases = false;
      s.formation.members.push_back({.node = "rabbit@b", .pod_uid = "uid-b"});
      s.decision.reason = "waiting for rabbit@b";
      s.decision.problem = "FormationWaiting";
    });
  }
  http::reply ask(http::method verb, const std::string& path, const std::string& node = "") {
    http::reply answer;
    testing::run_coroutine([&]() -> awaitable<void> {
      http::request request;
      request.verb = verb;
      request.path = path;
      if (!node.empty()) request.query.emplace_back("node", node);
      answer = co_await routes.answer(request);
    });
    return answer;
  }
  http::reply get(const std::string& path, const std::string& node = "") {
    return ask(http::method::get, path, node);
  }
  http::reply post(const std::string& path, const std::string& node = "") {
    return ask(http::method::post, path, node);
  }

  agent::snapshot_store store;
  agent::routes read_only;
  agent::admin_routes routes;
};

}  // namespace

TEST_CASE("a posted order reaches the decision, and one that is only asked about does not",
          "[admin]") {
  admin a;
  CHECK(a.get("/v1/gate/join", "rabbit@b").status == 200);
  CHECK(a.get("/v1/gate/found").status == 200);
  CHECK_FALSE(a.store.current().formation.person);

  const http::reply joined = a.post("/v1/gate/join", "rabbit@b");
  CHECK(joined.status == 202);
  CHECK(joined.body.starts_with("rabbit@a joins rabbit@b"));
  CHECK(a.store.current().formation.person == domain::overrule{.target = "rabbit@b"});

  CHECK(a.post("/v1/gate/found").status == 202);
  CHECK(a.store.current().formation.person == domain::overrule{.found = true});
}

TEST_CASE("an order that cannot be followed changes nothing", "[admin]") {
  admin a;
  CHECK(a.post("/v1/gate/join").status == 400);
  CHECK(a.post("/v1/gate/join", "b").status == 400);
  CHECK(a.post("/v1/gate/join", "rabbit@b c").status == 400);
  CHECK(a.post("/v1/gate/join", "rabbit@" + std::string(300, 'b')).status == 400);
  CHECK(a.post("/v1/gate/join", "rabbit@unknown").status == 409);
  a.store.change(base::steady::now(), [](agent::snapshot& s) { s.formation.gate_open = true; });
  CHECK(a.post("/v1/gate/found").status == 409);
  a.store.change(base::steady::now(), [](agent::snapshot& s) { s.gate_mode = false; });
  const http::reply observed = a.post("/v1/gate/found");
  CHECK(observed.status == 409);
  CHECK(observed.body.find("--formation=observe") != std::string::npos);
  CHECK_FALSE(a.store.current().formation.person);
}

TEST_CASE("what only answers takes no POST, and all that is read elsewhere is read here too",
          "[admin]") {
  admin a;
  for (const char* path : {"/v1/gate", "/v1/status", "/readyz", "/nonsense"}) {
    CAPTURE(path);
    const http::reply refused = a.post(path);
    CHECK(refused.status == 405);
    CHECK(refused.allow == "GET, HEAD");
  }
  CHECK(a.get("/v1/status").status == 200);
  CHECK(a.get("/v1/peers").status == 200);
  CHECK(a.get("/nonsense").status == 404);
}

TEST_CASE("GET /v1/gate says what the gate knows and waits for", "[admin]") {
  admin a;
  auto gate = nlohmann::json::parse(a.get("/v1/gate").body);
  CHECK(gate["formation"] == "gate");
  CHECK(gate["gate_open"] == false);
  CHECK(gate["waits_seconds"] >= 7);
  CHECK(gate["decision"] == "wait");
  CHECK(gate["reason"] == "waiting for rabbit@b");
  CHECK(gate["problem"] == "FormationWaiting");
  CHECK(gate["has_data"] == "no");
  CHECK(gate["mark"].is_null());
  CHECK(gate["door"].is_null());
  CHECK(gate["record"]["value"].is_null());
  CHECK(gate["lock_held"] == false);
  CHECK(gate["ordered"].is_null());

  const base::time_point now = base::steady::now();
  a.store.change(now, [now](agent::snapshot& s) {
    s.formation.disk.value->mark = {
        .node = "rabbit@a", .state = domain::mark_state::joining, .target = "rabbit@b"};
    s.formation.door.saw(domain::door{.kind = domain::door_kind::seed, .target = "rabbit@b"}, now);
    s.formation.record.saw({.record = domain::cluster_record{.founded = true, .cluster_id = "id"}},
                           now);
    s.formation.lock_until = now + 1min;
    s.formation.person = domain::overrule{.target = "rabbit@b"};
    s.formation.gate_open = true;
  });
  gate = nlohmann::json::parse(a.get("/v1/gate").body);
  CHECK(gate["gate_open"] == true);
  CHECK(gate["waits_seconds"].is_null());
  CHECK(gate["mark"]["state"] == "joining");
  CHECK(gate["door"]["kind"] == "seed");
  CHECK(gate["record"]["value"]["record"]["cluster_id"] == "id");
  CHECK(gate["lock_held"] == true);
  CHECK(gate["ordered"] == "join rabbit@b");
}
