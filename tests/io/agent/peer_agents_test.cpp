#include "agent/tasks/peer_agents.hpp"

#include "agent/status_reader.hpp"
#include "tests/support/canned_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/chaos_proxy.hpp"
#include "tests/support/fake_agent.hpp"
#include "tests/support/peer_scene.hpp"

#include <string>

using namespace std::chrono_literals;
using namespace warren;
using agent::status_errc;
using async::awaitable;
using domain::knowledge;
using domain::peer_sight;
using testing::fake_agent;
using testing::peer_at;
using testing::peer_scene;
using testing::with_peers;

namespace {

const std::string rmq_1 = "rabbit@rmq-1";

std::string empty_node(const std::string& uid, const std::string& node = rmq_1) {
  return testing::status_of_agent(node, uid, knowledge::no);
}

agent::peer_agents_settings asking(std::uint16_t port) {
  return {.service = "rmq",
          .port = port,
          .look_timeout = 200ms,
          .intervals = {.hurried = 5ms, .calm = 1h}};
}

// Begins to ask at `port`, and ends that with the scene.
struct asked_peers {
  asked_peers(peer_scene& scene, agent::peer_agents_settings settings)
      : tasks(scene.tasks), agents(scene.executor, scene.store, std::move(settings)) {
    tasks.spawn("ask the agents", agents.run());
  }
  awaitable<void> stop() {
    tasks.cancel();
    co_await tasks.join();
  }
  async::task_group& tasks;
  agent::peer_agents agents;
};

bool told_no(const peer_sight& s) {
  return s.agent.current() && s.agent.value->has_data == knowledge::no;
}

auto failed_with(base::error_code code) {
  return [code](const peer_sight& s) {
    return s.agent.last_error && s.agent.last_error->code == code;
  };
}

auto failed_with(status_errc code) {
  return failed_with(make_error_code(code));
}

bool failed(const peer_sight& s) {
  return s.agent.last_error.has_value();
}

}  // namespace

TEST_CASE("what a peer's agent says is in the store, over one connection", "[peer_agents]") {
  with_peers([](peer_scene& scene) -> awaitable<void> {
    fake_agent there(scene.executor);
    there.body = empty_node("u1");
    asked_peers asked(scene, asking(there.port()));
    scene.list({peer_at("rabbit@self", "u0"), peer_at(rmq_1, "u1")});
    co_await scene.until(rmq_1, told_no, "the status");
    there.body = testing::status_of_agent(rmq_1, "u1", knowledge::yes);
    auto told_yes = [](const peer_sight& s) { return s.agent.value->has_data == knowledge::yes; };
    co_await scene.until(rmq_1, told_yes, "the change");
    CHECK(there.connections() == 1);
    CHECK(scene.store.current().sights.size() == 1);
    co_await asked.stop();
    co_await there.stop();
  });
}

TEST_CASE("the agent of another pod, node, Service or schema counts as none", "[peer_agents]") {
  with_peers([](peer_scene& scene) -> awaitable<void> {
    fake_agent there(scene.executor);
    asked_peers asked(scene, asking(there.port()));
    scene.list({peer_at(rmq_1, "u1")});
    there.body = empty_node("u9");
    co_await scene.until(rmq_1, failed_with(status_errc::other_pod), "another pod");
    there.body = empty_node("u1", "rabbit@rmq-9");
    co_await scene.until(rmq_1, failed_with(status_errc::other_node), "another node");
    there.body = "{\"schema\":2}";
    co_await scene.until(rmq_1, failed_with(status_errc::other_schema), "another schema");
    there.body = "<html>";
    co_await scene.until(rmq_1, failed_with(status_errc::no_status), "no status");
    there.body = empty_node("u1");
    there.status = 503;
    co_await scene.until(
        rmq_1,
        [](const peer_sight& s) {
          return s.agent.last_error->text().find("503") != std::string::npos;
        },
        "503");
    CHECK_FALSE(scene.sight(rmq_1).agent.value.has_value());
    there.status = 200;
    co_await scene.until(rmq_1, told_no, "itself");
    co_await asked.stop();
    co_await there.stop();
  });
}

TEST_CASE("a peer that says nothing fails in time, and delays no other one", "[peer_agents]") {
  with_peers([](peer_scene& scene) -> awaitable<void> {
    fake_agent behind(scene.executor);
    testing::chaos_proxy silent(scene.executor, behind.port());
    SECTION("it accepts") {
      silent.half_open();
    }
    SECTION("its answer does not come") {
      silent.pause();
    }
    fake_agent other(scene.executor, async::asio::ip::make_address("127.0.0.2"), silent.port());
    other.body = empty_node("u2", "rabbit@rmq-2");
    asked_peers asked(scene, asking(silent.port()));
    scene.list({peer_at(rmq_1, "u1"), peer_at("rabbit@rmq-2", "u2", "127.0.0.2")});
    co_await scene.until("rabbit@rmq-2", told_no, "the other one");
    const int before = other.requests();
    co_await scene.until(rmq_1, failed, "silence");
    CHECK(other.requests() > before + 3);
    CHECK_FALSE(scene.sight(rmq_1).agent.value.has_value());
    co_await asked.stop();
    co_await other.stop();
    co_await behind.stop();
  });
}

TEST_CASE("a status whose body ends early or never counts as none", "[peer_agents]") {
  with_peers([](peer_scene& scene) -> awaitable<void> {
    fake_agent behind(scene.executor);
    behind.body = empty_node("u1");
    testing::chaos_proxy between(scene.executor, behind.port());
    asked_peers asked(scene, asking(between.port()));
    SECTION("it ends early") {
      between.cut_after_to_client(150);
    }
    SECTION("it is larger than a status may be") {
      behind.body.insert(1, std::string(agent::max_status, ' '));
    }
    scene.list({peer_at(rmq_1, "u1")});
    co_await scene.until(rmq_1, failed, "the failure");
    CHECK_FALSE(scene.sight(rmq_1).agent.value.has_value());
    behind.body = empty_node("u1");
    between.behave();
    between.reset_connections();
    co_await scene.until(rmq_1, told_no, "the status");
    co_await asked.stop();
    co_await behind.stop();
  });
}

TEST_CASE("an agent that goes away is no longer known, what it said stays", "[peer_agents]") {
  with_peers([](peer_scene& scene) -> awaitable<void> {
    fake_agent there(scene.executor);
    there.body = empty_node("u1");
    asked_peers asked(scene, asking(there.port()));
    scene.list({peer_at(rmq_1, "u1")});
    co_await scene.until(rmq_1, told_no, "the status");
    const auto seen_at = [&] { return scene.sight(rmq_1).agent.seen_at; };
    co_await there.stop();
    co_await scene.until(rmq_1, failed, "the failure");
    const auto last = seen_at();
    CHECK_FALSE(scene.sight(rmq_1).agent.current());
    CHECK(scene.sight(rmq_1).agent.value.has_value());
    CHECK(seen_at() == last);
    co_await asked.stop();
  });
}

TEST_CASE("the second address is asked where the first does not answer", "[peer_agents]") {
  with_peers([](peer_scene& scene) -> awaitable<void> {
    fake_agent there(scene.executor);
    there.body = empty_node("u1");
    asked_peers asked(scene, asking(there.port()));
    domain::peer both = peer_at(rmq_1, "u1", "127.0.0.9");
    both.addresses.emplace_back("127.0.0.1");
    scene.list({both});
    co_await scene.until(rmq_1, told_no, "the status");
    co_await asked.stop();
    co_await there.stop();
  });
}

TEST_CASE("a peer without an address is not known", "[peer_agents]") {
  with_peers([](peer_scene& scene) -> awaitable<void> {
    asked_peers asked(scene, asking(1));
    domain::peer nowhere = peer_at(rmq_1, "u1");
    nowhere.addresses.clear();
    scene.list({nowhere});
    co_await scene.until(rmq_1, failed, "the failure");
    co_await asked.stop();
  });
}

TEST_CASE("a pod that replaces another one under the same name is another peer", "[peer_agents]") {
  with_peers([](peer_scene& scene) -> awaitable<void> {
    fake_agent there(scene.executor);
    there.body = empty_node("u1");
    asked_peers asked(scene, asking(there.port()));
    scene.list({peer_at(rmq_1, "u1")});
    co_await scene.until(rmq_1, told_no, "the status");
    // The answer to what the old pod was asked arrives after the new one is listed.
    there.delay = 50ms;
    const int before = there.requests();
    co_await testing::poll_until([&] { return there.requests() > before; }, "a question");
    bool told_of_the_old_one = false;
    scene.store.on_change([&](const agent::snapshot& s) {
      if (s.sights.at(rmq_1).agent.value) told_of_the_old_one = true;
    });
    scene.list({peer_at(rmq_1, "u2")});
    CHECK_FALSE(scene.sight(rmq_1).agent.value.has_value());
    co_await scene.until(rmq_1, failed_with(status_errc::other_pod), "the old one still answers");
    CHECK_FALSE(told_of_the_old_one);
    there.body = empty_node("u2");
    co_await scene.until(rmq_1, told_no, "the new one");
    co_await asked.stop();
    co_await there.stop();
  });
}

TEST_CASE("a peer that leaves the list is asked no more", "[peer_agents]") {
  with_peers([](peer_scene& scene) -> awaitable<void> {
    fake_agent there(scene.executor);
    there.body = empty_node("u1");
    fake_agent other(scene.executor, async::asio::ip::make_address("127.0.0.2"), there.port());
    other.body = empty_node("u2", "rabbit@rmq-2");
    asked_peers asked(scene, asking(there.port()));
    scene.list({peer_at(rmq_1, "u1"), peer_at("rabbit@rmq-2", "u2", "127.0.0.2")});
    co_await scene.until(rmq_1, told_no, "the status");
    scene.list({peer_at("rabbit@rmq-2", "u2", "127.0.0.2")});
    CHECK_FALSE(scene.store.current().sights.contains(rmq_1));
    co_await testing::let_others_run();
    const int before = there.requests();
    const int others = other.requests();
    co_await testing::poll_until([&] { return other.requests() > others + 5; }, "some looks");
    CHECK(there.requests() <= before + 1);
    co_await asked.stop();
    co_await there.stop();
    co_await other.stop();
  });
}

TEST_CASE("a look now is newer than its order, also while one is under way", "[peer_agents]") {
  with_peers([](peer_scene& scene) -> awaitable<void> {
    fake_agent there(scene.executor);
    there.body = empty_node("u1");
    scene.store.change(base::steady::now(),
                       [](agent::snapshot& s) { s.formation.gate_open = true; });
    asked_peers asked(scene, asking(there.port()));
    there.delay = 30ms;
    scene.list({peer_at(rmq_1, "u1")});
    co_await testing::poll_until([&] { return there.requests() == 1; }, "the first question");
    const base::time_point ordered = base::steady::now();
    asked.agents.look_now();
    asked.agents.look_now();
    co_await scene.until(rmq_1, told_no, "the first answer");
    CHECK(scene.sight(rmq_1).agent.seen_at < ordered);
    auto newer = [ordered](const peer_sight& s) { return s.agent.seen_at > ordered; };
    co_await scene.until(rmq_1, newer, "the second answer");
    CHECK(there.requests() == 2);
    co_await asked.stop();
    co_await there.stop();
  });
}

TEST_CASE("peers are asked often while the gate is closed or there is hurry, else seldom",
          "[peer_agents]") {
  with_peers([](peer_scene& scene) -> awaitable<void> {
    fake_agent there(scene.executor);
    there.body = empty_node("u1");
    asked_peers asked(scene, asking(there.port()));
    const auto change = [&](auto edit) { scene.store.change(base::steady::now(), edit); };
    // Asked at an even pace all the time: how often tells how much time has passed.
    fake_agent metronome(scene.executor);
    auto even = asking(metronome.port());
    even.intervals.calm = even.intervals.hurried;
    agent::peer_agents pace(scene.executor, scene.store, even);
    scene.tasks.spawn("keep time", pace.run());
    auto looks = [&](int* count) -> awaitable<void> {
      const int before = there.requests();
      const int beats = metronome.requests();
      co_await testing::poll_until([&] { return metronome.requests() > beats + 10; }, "time");
      *count = there.requests() - before;
    };
    int count = 0;
    scene.list({peer_at(rmq_1, "u1")});
    co_await looks(&count);
    CHECK(count > 3);
    change([](agent::snapshot& s) { s.formation.gate_open = true; });
    co_await looks(&count);
    CHECK(count <= 1);
    change([](agent::snapshot& s) { s.hurry = true; });
    co_await looks(&count);
    CHECK(count > 3);
    change([](agent::snapshot& s) {
      s.hurry = false;
      s.gate_mode = false;
      s.formation.gate_open = false;
    });
    co_await looks(&count);
    CHECK(count <= 1);
    co_await metronome.stop();
    co_await asked.stop();
    co_await there.stop();
  });
}

TEST_CASE("at most 16 peers are asked at a time, and each in its turn", "[peer_agents]") {
  with_peers([](peer_scene& scene) -> awaitable<void> {
    fake_agent there(scene.executor);
    there.body = empty_node("u1");
    there.delay = 20ms;
    asked_peers asked(scene, asking(there.port()));
    std::vector<domain::peer> many;
    for (int i = 0; i < 20; ++i) many.push_back(peer_at("rabbit@n" + std::to_string(i), "u1"));
    scene.list(many);
    for (const domain::peer& p : many) co_await scene.until(p.node, failed, p.node);
    CHECK(there.most_at_once() == 16);
    co_await asked.stop();
    co_await there.stop();
  });
}
