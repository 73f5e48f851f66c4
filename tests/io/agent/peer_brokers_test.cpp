#include "agent/tasks/peer_brokers.hpp"

#include "erldist/errc.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_broker.hpp"
#include "tests/support/fake_epmd.hpp"
#include "tests/support/fake_erlang_node.hpp"
#include "tests/support/peer_scene.hpp"

#include <algorithm>
#include <string>

using namespace std::chrono_literals;
using namespace warren;
using async::awaitable;
using domain::peer_sight;
using domain::presence;
using testing::handshake_fault;
using testing::peer_at;
using testing::peer_scene;

namespace {

const std::string there = "rabbit@fake";

// A peer's broker rabbit@fake with its EPMD, and an agent that looks at it every few milliseconds.
struct watched_peer {
  explicit watched_peer(peer_scene& s) : scene(s), epmd(s.executor), node(s.executor) {
    epmd.add("rabbit", node.port());
    testing::run_broker(node);
    settings.own_name = "warren-rmq-0@self";
    settings.creation = 7;
    settings.epmd_port = epmd.port();
    settings.cookie = [] { return base::secret("monster"); };
    settings.intervals = {.hurried = 5ms, .calm = 1h};
    settings.call_timeout = 100ms;
    settings.limits = {.epmd = 100ms, .connect = 100ms, .handshake = 100ms};
    settings.mistake_delays = {.first = 20ms, .cap = 20ms};
  }

  // Begins to look. Settings may be changed before.
  void watch() {
    brokers = std::make_unique<agent::peer_brokers>(scene.executor, scene.store, settings);
    scene.tasks.spawn("look at the brokers", brokers->run());
    scene.list({peer_at("rabbit@self", "u0"), peer_at(there, "u1")});
  }
  [[nodiscard]] const base::observed<domain::broker_facts>& seen() const {
    return scene.sight(there).broker;
  }
  awaitable<void> until(presence state) {
    auto reached = [state](const peer_sight& s) {
      return s.broker.current() && s.broker.value->state == state;
    };
    co_await scene.until(there, reached, "presence");
  }
  // Fails unless the broker is not known for that reason.
  awaitable<void> until(erldist::errc why) {
    auto reached = [why](const peer_sight& s) {
      return s.broker.last_error && s.broker.last_error->code == why;
    };
    co_await scene.until(there, reached, make_error_code(why).message());
  }

  peer_scene& scene;
  testing::fake_epmd epmd;
  testing::fake_erlang_node node;
  agent::peer_brokers_settings settings;
  std::unique_ptr<agent::peer_brokers> brokers;
};

void with_peer(std::function<awaitable<void>(watched_peer&)> body) {
  testing::with_peers([&](peer_scene& scene) -> awaitable<void> {
    watched_peer peer(scene);
    co_await body(peer);
    scene.tasks.cancel();
    co_await scene.tasks.join();
  });
}

}  // namespace

TEST_CASE("what a peer's broker says is in the store, over one connection", "[peer_brokers]") {
  with_peer([](watched_peer& p) -> awaitable<void> {
    p.watch();
    co_await p.until(presence::runs);
    CHECK(p.seen().value->boot == domain::boot_state::ready);
    CHECK(p.seen().value->version == "4.3.6");
    CHECK(p.seen().value->store == domain::metadata_store::khepri);
    CHECK(p.seen().value->cluster_id == testing::cluster_of_one);
    REQUIRE(p.seen().value->cluster);
    CHECK(p.seen().value->cluster->members == std::vector<std::string>{there});
    p.node.answer("rabbit_boot_state:get", etf::atom("stopped"));
    auto stopped = [](const peer_sight& s) {
      return s.broker.value->boot == domain::boot_state::stopped;
    };
    co_await p.scene.until(there, stopped, "stopped");
    CHECK(p.seen().value->state == presence::runs);
    CHECK(p.seen().value->cluster_id.empty());
    CHECK(p.node.handshakes() == 1);
    CHECK(p.node.last_caller().node.name == "warren-rmq-0@self");
  });
}

TEST_CASE("a broker that EPMD does not know does not run", "[peer_brokers]") {
  with_peer([](watched_peer& p) -> awaitable<void> {
    SECTION("EPMD refuses") {
      p.epmd.stop();
      p.watch();
      co_await p.until(presence::runs_not);
      p.epmd.start();
    }
    SECTION("the name is not registered") {
      p.epmd.remove("rabbit");
      p.watch();
      co_await p.until(presence::runs_not);
      p.epmd.add("rabbit", p.node.port());
    }
    co_await p.until(presence::runs);
  });
}

TEST_CASE("trouble on the way to a broker says nothing about whether it runs", "[peer_brokers]") {
  with_peer([](watched_peer& p) -> awaitable<void> {
    using erldist::errc;
    SECTION("EPMD is silent") {
      p.epmd.behave(testing::fake_epmd::behaviour::silent);
      p.watch();
      co_await p.until(errc::epmd_timeout);
    }
    SECTION("EPMD closes") {
      p.epmd.behave(testing::fake_epmd::behaviour::closes);
      p.watch();
      co_await p.until(errc::epmd_closed);
    }
    SECTION("the distribution port refuses") {
      p.node.stop();
      p.watch();
      co_await p.until(errc::connect_refused);
    }
    SECTION("the handshake is not answered") {
      p.node.settings().fault = handshake_fault::silent;
      p.watch();
      co_await p.until(errc::handshake_timeout);
    }
    SECTION("the distribution speaks TLS") {
      p.node.settings().fault = handshake_fault::speaks_tls;
      p.watch();
      co_await p.until(errc::tls_expected);
    }
    SECTION("another node answers") {
      p.node.settings().name = "rabbit@other";
      p.watch();
      co_await p.until(errc::name_differs);
    }
    SECTION("the cookie is wrong") {
      p.settings.cookie = [] { return base::secret("wrong"); };
      p.watch();
      co_await p.until(errc::cookie_rejected);
    }
    SECTION("the calls are not answered") {
      p.node.never_answer("rabbit_misc:version");
      p.node.never_answer("rabbit_boot_state:get");
      p.watch();
      co_await p.until(errc::call_timeout);
    }
    CHECK_FALSE(p.seen().value.has_value());
  });
}

TEST_CASE("a broker that did not run counts so no more once it cannot be told", "[peer_brokers]") {
  with_peer([](watched_peer& p) -> awaitable<void> {
    p.node.settings().fault = handshake_fault::silent;
    p.epmd.remove("rabbit");
    p.watch();
    co_await p.until(presence::runs_not);
    p.epmd.add("rabbit", p.node.port());
    co_await p.until(erldist::errc::handshake_timeout);
    CHECK_FALSE(p.seen().value.has_value());
  });
}

TEST_CASE("a cookie that cannot be read makes every broker unknown", "[peer_brokers]") {
  with_peer([](watched_peer& p) -> awaitable<void> {
    p.settings.cookie = []() -> base::result<base::secret> {
      return base::failure(make_error_code(boost::system::errc::permission_denied), "/cookie");
    };
    p.watch();
    auto failed = [](const peer_sight& s) { return s.broker.last_error.has_value(); };
    co_await p.scene.until(there, failed, "the failure");
    CHECK(p.seen().last_error->text().find("/cookie") != std::string::npos);
    CHECK(p.node.handshakes() == 0);
  });
}

TEST_CASE("a mistake is tried again seldom, whoever asks for a look, until it is corrected",
          "[peer_brokers]") {
  with_peer([](watched_peer& p) -> awaitable<void> {
    std::string cookie = "wrong";
    p.settings.cookie = [&cookie] { return base::secret(cookie); };
    p.settings.mistake_delays = {.first = 200ms, .cap = 200ms, .jitter = 0};
    p.watch();
    co_await p.until(erldist::errc::cookie_rejected);
    cookie = "monster";
    const base::time_point failed = base::steady::now();
    co_await testing::poll_until(
        [&] {
          p.brokers->look_now();
          return p.node.handshakes() > 1;
        },
        "the second attempt");
    CHECK(base::steady::now() - failed > 150ms);
    co_await p.until(presence::runs);
  });
}

TEST_CASE("a broker that is killed is not known at once, and then seen not to run",
          "[peer_brokers]") {
  with_peer([](watched_peer& p) -> awaitable<void> {
    p.watch();
    co_await p.until(presence::runs);
    // Seldom looks: the end of the connection alone shows it.
    const auto open = [](agent::snapshot& s) { s.formation.gate_open = true; };
    p.scene.store.change(base::steady::now(), open);
    p.epmd.remove("rabbit");
    p.node.stop();
    co_await p.until(presence::runs_not);
  });
}

TEST_CASE("a broker that hangs up each time is not called without a pause", "[peer_brokers]") {
  with_peer([](watched_peer& p) -> awaitable<void> {
    p.settings.intervals.hurried = 50ms;
    p.watch();
    const base::time_point began = base::steady::now();
    int dropped = 0;
    co_await testing::poll_until(
        [&] {
          if (p.node.connections() > 0) {
            p.node.drop_connections();
            ++dropped;
          }
          return dropped == 4;
        },
        "four connections");
    CHECK(base::steady::now() - began >= 140ms);
  });
}

TEST_CASE("a pod that replaces another one under the same name is another broker",
          "[peer_brokers]") {
  with_peer([](watched_peer& p) -> awaitable<void> {
    p.watch();
    co_await p.until(presence::runs);
    p.node.never_answer("rabbit_misc:version");
    p.node.never_answer("rabbit_boot_state:get");
    p.scene.list({peer_at(there, "u2")});
    CHECK_FALSE(p.seen().value.has_value());
    co_await testing::poll_until([&] { return p.node.handshakes() == 2; }, "a new connection");
    co_await testing::poll_until([&] { return p.node.connections() == 1; }, "the old one closed");
    CHECK_FALSE(p.seen().value.has_value());
    testing::run_broker(p.node);
    co_await p.until(presence::runs);
  });
}

TEST_CASE("the connection to a peer that leaves the list is closed", "[peer_brokers]") {
  with_peer([](watched_peer& p) -> awaitable<void> {
    p.watch();
    co_await p.until(presence::runs);
    p.scene.list({});
    co_await testing::poll_until([&] { return p.node.connections() == 0; }, "it is closed");
    CHECK(p.scene.store.current().sights.empty());
  });
}

TEST_CASE("a look now at a broker is newer than its order, also while one is under way",
          "[peer_brokers]") {
  with_peer([](watched_peer& p) -> awaitable<void> {
    const auto open = [](agent::snapshot& s) { s.formation.gate_open = true; };
    p.scene.store.change(base::steady::now(), open);
    p.node.answer_after(30ms, "rabbit_boot_state:get", etf::atom("booting"));
    p.watch();
    const auto asked = [&] {
      return std::ranges::count(p.node.calls(), "rabbit_boot_state:get/0");
    };
    co_await testing::poll_until([&] { return asked() == 1; }, "the first question");
    const base::time_point ordered = base::steady::now();
    p.brokers->look_now();
    co_await p.until(presence::runs);
    CHECK(p.seen().seen_at < ordered);
    auto newer = [ordered](const peer_sight& s) { return s.broker.seen_at > ordered; };
    co_await p.scene.until(there, newer, "the second answer");
    CHECK(asked() == 2);
  });
}

TEST_CASE("a look now at a broker that did not run is a new attempt", "[peer_brokers]") {
  with_peer([](watched_peer& p) -> awaitable<void> {
    const auto open = [](agent::snapshot& s) { s.formation.gate_open = true; };
    p.scene.store.change(base::steady::now(), open);
    p.epmd.remove("rabbit");
    p.watch();
    co_await p.until(presence::runs_not);
    p.epmd.add("rabbit", p.node.port());
    p.brokers->look_now();
    co_await p.until(presence::runs);
  });
}
