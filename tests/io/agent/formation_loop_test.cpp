#include "agent/door_file.hpp"
#include "agent/mark_file.hpp"
#include "agent/record_text.hpp"
#include "agent/tasks/formation.hpp"
#include "async/task_group.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_kube_api.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/settings_of.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace warren;
using async::awaitable;

namespace {

const std::string leases = "leases.coordination.k8s.io";

agent::snapshot closed_gate(const std::string& node) {
  agent::snapshot first;
  first.world.node = node;
  first.gate_mode = true;
  return first;
}

// The gate of one pod, with a data volume of its own. Others' agents are asked as peers are: what
// they say is copied from their stores.
struct gate {
  gate(const async::asio::any_io_executor& executor, std::uint16_t port, int ordinal)
      : node("rabbit@rmq-" + std::to_string(ordinal)),
        uid("uid-" + std::to_string(ordinal)),
        api(executor, {.tls = false, .host = "127.0.0.1", .port = port, .token_path = ""},
            "warren/test"),
        store(closed_gate(node), {}) {
    std::filesystem::create_directories(folder.file("conf.d"));
    std::filesystem::create_directories(folder.file("data"));
    agent::settings s = testing::settings_of(
        {.arguments = {"--formation", "gate", "--conf-dir", folder.file("conf.d"), "--data-dir",
                       folder.file("data/mnesia"), "--service", "rmq", "--address-type",
                       "hostname"},
         .variables = {{"POD_NAME", "rmq-" + std::to_string(ordinal)},
                       {"POD_UID", uid},
                       {"RABBITMQ_NODENAME", node}}});
    agent::broker_link_settings broker;
    broker.target.node = node;
    broker.target.own_name = "warren@" + node;
    broker.cookie = [] { return base::result<base::secret>(base::secret("COOKIE")); };
    formation = std::make_unique<agent::formation>(executor, &api, store, s, broker,
                                                   [this] { asked_at = base::steady::now(); });
  }

  [[nodiscard]] const domain::formation_view& view() const { return store.current().formation; }
  [[nodiscard]] bool open() const { return store.current().may_start; }
  [[nodiscard]] std::optional<domain::door> door() const {
    return agent::read_door(folder.file("conf.d")).value();
  }
  [[nodiscard]] std::optional<domain::mark> mark() const {
    return agent::read_mark(folder.file("data/mnesia")).value();
  }

  testing::scratch_folder folder;
  std::string node;
  std::string uid;
  kubernetes::api_client api;
  agent::snapshot_store store;
  base::time_point asked_at;
  std::unique_ptr<agent::formation> formation;
};

struct scene {
  explicit scene(const async::asio::any_io_executor& executor)
      : server(executor),
        executor_(executor),
        tasks(executor, [](auto, const auto& error) { std::rethrow_exception(error); }) {}

  gate& add(int ordinal) {
    gates.push_back(std::make_unique<gate>(executor_, server.port(), ordinal));
    return *gates.back();
  }

  // As the looks at the peers and the StatefulSet do, over and over.
  awaitable<void> look_around(domain::set_view set) {
    for (;;) {
      const base::time_point now = base::steady::now();
      for (const auto& self : gates) {
        self->store.change(now, [&](agent::snapshot& s) {
          s.set.saw(set, now);
          domain::peer_list list;
          for (const auto& other : gates) list.peers.push_back(peer_of(*other));
          const bool news = s.world.peers.value != list;
          s.world.peers.saw(std::move(list), now);
          if (news) ++s.peers_revision;
        });
        self->store.change(now, [&](agent::snapshot& s) {
          for (const auto& other : gates) {
            if (other == self) continue;
            domain::peer_sight& sight = s.sights[other->node];
            sight.agent.saw(
                {.pod_uid = other->uid,
                 .has_data = domain::told_data(other->view()),
                 .leases = other->view().leases ? domain::knowledge::yes : domain::knowledge::no,
                 .gate_open = other->open()},
                now);
            sight.broker.saw({.state = domain::presence::runs_not}, now);
          }
        });
      }
      co_await async::sleep_for(2ms);
    }
  }

  static domain::peer peer_of(const gate& g) {
    domain::peer p;
    p.node = g.node;
    p.pod = "rmq-" + g.uid.substr(4);
    p.uid = g.uid;
    return p;
  }

  void start(int replicas, std::vector<std::string> claim_templates = {}) {
    tasks.spawn("look around", look_around({.replicas = replicas,
                                            .ordered_ready = false,
                                            .claim_templates = std::move(claim_templates)}));
    for (const auto& g : gates) g->formation->spawn(tasks);
  }
  awaitable<void> stop() {
    tasks.cancel();
    co_await tasks.join();
  }
  [[nodiscard]] std::optional<domain::cluster_record> record() const {
    const nlohmann::json lease = server.find(leases, "default", "rmq-record");
    if (lease.is_null()) return std::nullopt;
    return agent::decode_record(
               lease["metadata"]["annotations"]["warren/record"].get<std::string>())
        .value();
  }
  [[nodiscard]] long open() const {
    return std::ranges::count_if(gates, [](const auto& g) { return g->open(); });
  }

  testing::fake_kube_api server;
  std::vector<std::unique_ptr<gate>> gates;

 private:
  async::asio::any_io_executor executor_;

 public:
  async::task_group tasks;
};

void with_scene(std::function<awaitable<void>(scene&)> body) {
  testing::run_coroutine([&]() -> awaitable<void> {
    scene s(co_await async::asio::this_coro::executor);
    co_await body(s);
    co_await s.stop();
  });
}

}  // namespace

TEST_CASE("of three virgin nodes exactly one founds, written ahead, and the others join it") {
  with_scene([](scene& s) -> awaitable<void> {
    for (int i = 0; i < 3; ++i) s.add(i);
    s.start(3);
    co_await testing::poll_until([&] { return s.open() == 3; }, "three open gates");
    const auto record = s.record();
    REQUIRE(record);
    CHECK_FALSE(record->founded);
    int founders = 0;
    for (const auto& g : s.gates) {
      const auto mark = g->mark();
      const auto door = g->door();
      REQUIRE(mark);
      REQUIRE(door);
      CHECK(door->pod_uid == g->uid);
      if (door->kind == domain::door_kind::found) {
        ++founders;
        CHECK(record->founder == g->node);
        CHECK(record->founder_uid == g->uid);
        CHECK(mark->state == domain::mark_state::founding);
      } else {
        CHECK(door->target == record->founder);
        CHECK(mark->state == domain::mark_state::joining);
      }
    }
    CHECK(founders == 1);
    co_await testing::poll_until(
        [&] {
          return s.server.find(leases, "default", "rmq-formation")["spec"]
              .value("holderIdentity", "")
              .empty();
        },
        "the lock given back");
  });
}

TEST_CASE("a virgin node waits for a member without a pod as long as that has a claim") {
  with_scene([](scene& s) -> awaitable<void> {
    gate& g = s.add(0);
    s.server.put({{"apiVersion", "v1"},
                  {"kind", "PersistentVolumeClaim"},
                  {"metadata", {{"name", "data-rmq-1"}}}});
    s.start(2, {"data"});
    co_await testing::poll_until(
        [&] { return g.store.current().decision.reason.find("rabbit@rmq-1") != std::string::npos; },
        "the reason, which names the member");
    co_await testing::poll_until(
        [&] {
          return s.server.count("get", "/api/v1/namespaces/default/persistentvolumeclaims") > 1;
        },
        "looks for the claim");
    CHECK_FALSE(g.open());
    CHECK_FALSE(g.door());
    s.server.remove("persistentvolumeclaims", "default", "data-rmq-1");
    co_await testing::poll_until([&] { return g.open(); }, "an open gate");
    CHECK(g.door()->kind == domain::door_kind::found);
  });
}

TEST_CASE("without the API server a virgin node stays closed and says why") {
  with_scene([](scene& s) -> awaitable<void> {
    gate& g = s.add(0);
    s.server.go_away();
    s.start(1);
    co_await testing::poll_until(
        [&] {
          return g.store.current().decision.reason.find("record cannot be read") !=
                 std::string::npos;
        },
        "the reason");
    CHECK_FALSE(g.open());
    CHECK_FALSE(g.door());
    s.server.come_back();
    co_await testing::poll_until([&] { return g.open(); }, "an open gate");
  });
}

TEST_CASE("without leave to use Leases the lowest node alone may found") {
  with_scene([](scene& s) -> awaitable<void> {
    gate& g = s.add(0);
    gate& other = s.add(1);
    for (gate* each : {&g, &other}) {
      each->store.change(base::steady::now(),
                         [](agent::snapshot& now_known) { now_known.formation.leases = false; });
    }
    s.server.forbid(leases);
    s.start(2);
    co_await testing::poll_until(
        [&] {
          return other.store.current().decision.reason.find("waiting for") != std::string::npos;
        },
        "the other one's reason");
    co_await testing::poll_until([&] { return g.open(); }, "an open gate");
    CHECK(g.door()->kind == domain::door_kind::found);
    CHECK(g.mark()->state == domain::mark_state::founding);
    CHECK_FALSE(other.open());
    CHECK(s.server.count("create", "/apis/coordination.k8s.io") == 0);
  });
}
