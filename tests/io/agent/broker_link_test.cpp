#include "agent/tasks/broker_link.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/fake_broker.hpp"
#include "tests/support/watched_broker.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <string>

using namespace std::chrono_literals;
using namespace warren;
using async::awaitable;
using domain::boot_state;
using domain::broker_view;
using domain::link_state;
using testing::watched_broker;
using testing::with_broker;
using tcp = async::asio::ip::tcp;

namespace {

bool runs(const broker_view& b) {
  return b.boot.current() && b.boot.value == boot_state::ready;
}

bool mentions(const std::string& text, const std::string& word) {
  return text.find(word) != std::string::npos;
}

}  // namespace

TEST_CASE("a broker that starts after the agent is seen as soon as it answers", "[link]") {
  with_broker([](watched_broker& b) -> awaitable<void> {
    testing::run_broker(b.node);
    b.epmd.stop();
    b.watch();
    co_await b.until(link_state::away);
    CHECK_FALSE(b.store.current().may_start);
    CHECK(mentions(b.seen().link.detail, "EPMD"));
    b.epmd.start();
    co_await b.until(runs, "the broker runs");
    CHECK(b.seen().link.state == link_state::connected);
    CHECK(b.store.current().may_start);
  });
}

TEST_CASE("E2: a node that EPMD does not know is away", "[link]") {
  with_broker([](watched_broker& b) -> awaitable<void> {
    b.epmd.remove("rabbit");
    b.watch();
    co_await b.until(link_state::away);
    CHECK(mentions(b.seen().link.detail, "rabbit"));
  });
}

TEST_CASE("E3: a wrong cookie names the cure, is never shown, and the right one ends it",
          "[link]") {
  with_broker([](watched_broker& b) -> awaitable<void> {
    testing::run_broker(b.node);
    std::string cookie = "wrong-cookie";
    b.settings.cookie = [&cookie] { return base::secret(cookie); };
    b.watch();
    co_await b.until(link_state::cookie_rejected);
    CHECK(mentions(b.seen().link.detail, "WARREN_COOKIE_FILE"));
    CHECK_FALSE(mentions(b.seen().link.detail, "wrong-cookie"));
    cookie = "monster";
    co_await b.until(link_state::connected);
  });
}

TEST_CASE("a cookie that cannot be read is not the broker's fault", "[link]") {
  with_broker([](watched_broker& b) -> awaitable<void> {
    b.settings.cookie = []() -> base::result<base::secret> {
      return base::failure(make_error_code(boost::system::errc::permission_denied), "/cookie");
    };
    b.watch();
    co_await b.until(link_state::no_cookie);
    CHECK(mentions(b.seen().link.detail, "/cookie"));
    CHECK(b.node.handshakes() == 0);
  });
}

TEST_CASE("mistakes that no restart cures have a state each", "[link]") {
  with_broker([](watched_broker& b) -> awaitable<void> {
    SECTION("the distribution speaks TLS") {
      b.node.settings().fault = testing::handshake_fault::speaks_tls;
      b.watch();
      co_await b.until(link_state::tls_expected);
    }
    SECTION("E18: the node has another name") {
      b.node.settings().name = "rabbit@renamed";
      b.watch();
      co_await b.until(link_state::name_differs);
      CHECK(mentions(b.seen().link.detail, "WARREN_NODE"));
    }
    SECTION("E4: the node refuses") {
      b.node.settings().status = "not_allowed";
      b.watch();
      co_await b.until(link_state::not_allowed);
    }
    CHECK_FALSE(b.store.current().may_start);
  });
}

TEST_CASE("E1, E5: who accepts and says nothing is silent", "[link]") {
  with_broker([](watched_broker& b) -> awaitable<void> {
    SECTION("EPMD") {
      b.epmd.behave(testing::fake_epmd::behaviour::silent);
    }
    SECTION("the node") {
      b.node.settings().fault = testing::handshake_fault::silent;
    }
    SECTION("the node, after its status") {
      b.node.settings().fault = testing::handshake_fault::silent_after_status;
    }
    SECTION("the node, after our reply") {
      b.node.settings().fault = testing::handshake_fault::silent_after_reply;
    }
    b.watch();
    co_await b.until(link_state::silent);
  });
}

TEST_CASE("an address without a way to it says nothing about the broker", "[link]") {
  with_broker([](watched_broker& b) -> awaitable<void> {
    // As ::1 in a pod without IPv6.
    const auto nowhere = async::asio::ip::make_address("fe80::1%1");
    b.epmd.remove("rabbit");
    b.settings.target.addresses.push_back(nowhere);
    b.watch();
    co_await b.until(link_state::away);
    CHECK(mentions(b.seen().link.detail, "EPMD does not know the node"));
  });
}

TEST_CASE("E15: a broker that is killed is seen to be gone at once", "[link]") {
  with_broker([](watched_broker& b) -> awaitable<void> {
    testing::run_broker(b.node);
    b.watch();
    co_await b.until(runs, "the broker runs");
    const base::time_point killed = base::steady::now();
    b.epmd.remove("rabbit");
    b.node.stop();
    co_await b.until(link_state::away);
    CHECK(base::steady::now() - killed < 100ms);
  });
}

TEST_CASE("another incarnation is another broker: what was seen of the old one is forgotten",
          "[link]") {
  with_broker([](watched_broker& b) -> awaitable<void> {
    testing::run_broker(b.node);
    b.node.answer("rabbit_alarm:get_local_alarms", testing::alarm_term("rabbit@fake", "disk"));
    b.watch();
    co_await b.until(
        [](const broker_view& v) { return v.alarms.value && !v.alarms.value->empty(); },
        "the alarm");
    b.node.stop();
    co_await b.until(link_state::away);
    CHECK(b.seen().alarms.value.has_value());
    b.node.settings().creation = 2;
    b.node.never_answer("rabbit_alarm:get_local_alarms");
    b.node.start();
    co_await b.until([](const broker_view& v) { return v.link.creation == 2; }, "the new one");
    CHECK_FALSE(b.seen().alarms.value.has_value());
  });
}

TEST_CASE("E17: an alarm, maintenance and their end are seen at the next look", "[link]") {
  with_broker([](watched_broker& b) -> awaitable<void> {
    testing::run_broker(b.node);
    b.watch();
    co_await b.until(runs, "the broker runs");
    b.node.answer("rabbit_alarm:get_local_alarms", testing::alarm_term("rabbit@fake", "memory"));
    b.node.answer("rabbit_maintenance:status_local_read", etf::atom("draining"));
    const std::vector<domain::alarm> memory{{"memory"}};
    co_await b.until([&](const broker_view& v) { return v.alarms.value == memory; }, "the alarm");
    co_await b.until([](const broker_view& v) { return v.draining.value == true; }, "draining");
    testing::run_broker(b.node);
    co_await b.until([](const broker_view& v) { return v.alarms.value->empty(); }, "no alarm");
    co_await b.until([](const broker_view& v) { return v.draining.value == false; }, "in service");
  });
}

TEST_CASE("E13: a stopped application leaves the link up and the alarms not known", "[link]") {
  with_broker([](watched_broker& b) -> awaitable<void> {
    testing::run_broker(b.node);
    testing::stop_app(b.node);
    b.watch();
    co_await b.until([](const broker_view& v) { return v.boot.value == boot_state::stopped; },
                     "stopped");
    CHECK(b.seen().link.state == link_state::connected);
    CHECK_FALSE(b.seen().alarms.current());
  });
}

TEST_CASE("E7, E14: a broker that hangs keeps the link, and recovers", "[link]") {
  with_broker([](watched_broker& b) -> awaitable<void> {
    testing::run_broker(b.node);
    b.settings.call_timeout = 20ms;
    b.watch();
    co_await b.until(runs, "the broker runs");
    b.node.hang();
    co_await b.until([](const broker_view& v) { return v.boot.last_error.has_value(); },
                     "no answer");
    CHECK(b.seen().link.state == link_state::connected);
    const auto answered = b.seen().link.last_answer;
    co_await testing::poll_until([&] { return b.link->counters().failed_looks > 2; }, "some looks");
    CHECK(b.seen().link.last_answer == answered);
    b.node.hang(false);
    co_await b.until(runs, "the broker runs again");
    CHECK(b.node.handshakes() == 1);
  });
}

TEST_CASE("the version and the cluster are seen", "[link]") {
  with_broker([](watched_broker& b) -> awaitable<void> {
    testing::run_broker(b.node);
    b.watch();
    co_await b.until([](const broker_view& v) { return v.cluster.current(); }, "the cluster");
    CHECK(b.seen().version == "4.3.6");
    CHECK(b.seen().cluster.value->members == std::vector<std::string>{"rabbit@fake"});
  });
}

TEST_CASE("a listener that closes, and opens again", "[link]") {
  with_broker([](watched_broker& b) -> awaitable<void> {
    tcp::acceptor amqp(b.executor, tcp::endpoint(async::asio::ip::address_v4::loopback(), 0));
    const std::uint16_t port = amqp.local_endpoint().port();
    testing::run_broker(b.node, port);
    const auto accepts = [](bool yes) {
      return [yes](const broker_view& v) {
        return v.ports.value && v.ports.value->size() == 1 && v.ports.value->front().accepts == yes;
      };
    };
    b.watch();
    co_await b.until(accepts(true), "it accepts");
    amqp.close();
    co_await b.until(accepts(false), "it does not accept");
    CHECK(b.seen().ports.value->front().what.port == port);
    CHECK(b.seen().ports.value->front().problem == "refuses connections");
    b.settings.connect_interval = 10ms;
    amqp = tcp::acceptor(b.executor, tcp::endpoint(async::asio::ip::address_v4::loopback(), port));
    co_await b.until(accepts(true), "it accepts again");
  });
}

TEST_CASE("a listener that the broker itself has taken away is not missed", "[link]") {
  with_broker([](watched_broker& b) -> awaitable<void> {
    tcp::acceptor amqp(b.executor, tcp::endpoint(async::asio::ip::address_v4::loopback(), 0));
    testing::run_broker(b.node, amqp.local_endpoint().port());
    bool ever_failed = false;
    b.store.on_change([&ever_failed](const agent::snapshot& s) {
      const auto& ports = s.world.broker.ports.value;
      if (ports && !ports->empty() && !ports->front().accepts) ever_failed = true;
    });
    b.watch();
    co_await b.until([](const broker_view& v) { return v.ports.value && !v.ports.value->empty(); },
                     "the listener");
    b.node.answer("rabbit_networking:node_listeners", etf::list{});
    amqp.close();
    co_await b.until([](const broker_view& v) { return v.ports.value->empty(); }, "no listener");
    CHECK_FALSE(ever_failed);
  });
}

TEST_CASE("formation sees whether the own broker runs, does not, or is not known", "[link]") {
  with_broker([](watched_broker& b) -> awaitable<void> {
    const auto is = [&b](domain::presence state) {
      return [&b, state] {
        const auto& facts = b.store.current().formation.broker;
        return facts.current() && facts.value->state == state;
      };
    };
    const auto not_known = [&b] {
      return b.store.current().formation.broker.last_error.has_value();
    };
    testing::run_broker(b.node);
    SECTION("EPMD refuses") {
      b.epmd.stop();
      b.watch();
      co_await testing::poll_until(is(domain::presence::runs_not), "it does not run");
      b.epmd.start();
      co_await testing::poll_until(is(domain::presence::runs), "it runs");
    }
    SECTION("EPMD does not know it, or no more") {
      b.watch();
      co_await testing::poll_until(is(domain::presence::runs), "it runs");
      b.epmd.remove("rabbit");
      b.node.stop();
      co_await testing::poll_until(is(domain::presence::runs_not), "it does not run");
    }
    SECTION("EPMD knows it, but its port refuses") {
      b.node.stop();
      b.watch();
      co_await testing::poll_until(not_known, "not known");
    }
    SECTION("EPMD is silent") {
      b.epmd.behave(testing::fake_epmd::behaviour::silent);
      b.watch();
      co_await testing::poll_until(not_known, "not known");
    }
    SECTION("the cookie is wrong") {
      b.settings.cookie = [] { return base::secret("wrong"); };
      b.watch();
      co_await testing::poll_until(not_known, "not known");
    }
    SECTION("it does not answer") {
      b.watch();
      co_await testing::poll_until(is(domain::presence::runs), "it runs");
      b.node.hang();
      co_await testing::poll_until(not_known, "not known");
      b.node.hang(false);
      co_await testing::poll_until(is(domain::presence::runs), "it runs again");
    }
  });
}

TEST_CASE("the cluster of the own broker is known as soon as it is ready, and only then",
          "[link]") {
  with_broker([](watched_broker& b) -> awaitable<void> {
    const auto facts = [&b] { return b.store.current().formation.broker; };
    testing::run_broker(b.node);
    b.node.answer("rabbit_boot_state:get", etf::atom("booting"));
    b.settings.members_interval = 1h;
    b.watch();
    co_await testing::poll_until(
        [&] { return facts().value && facts().value->boot == boot_state::booting; }, "it boots");
    co_await b.until([](const broker_view& v) { return v.version == "4.3.6"; }, "the version");
    CHECK(facts().value->cluster_id.empty());
    CHECK_FALSE(facts().value->cluster);
    b.node.answer("rabbit_boot_state:get", etf::atom("ready"));
    const auto in_cluster = [&] { return facts().value->cluster.has_value(); };
    co_await testing::poll_until(in_cluster, "the cluster");
    CHECK(facts().value->cluster_id == testing::cluster_of_one);
    CHECK(facts().value->cluster->members == std::vector<std::string>{"rabbit@fake"});
    CHECK(facts().value->store == domain::metadata_store::khepri);
    CHECK(facts().value->version == "4.3.6");
    // It comes back in another cluster.
    b.node.answer("rabbit_boot_state:get", etf::atom("stopped"));
    co_await testing::poll_until([&] { return !in_cluster(); }, "it is stopped");
    CHECK(facts().value->cluster_id.empty());
    b.node.answer("rabbit_runtime_parameters:value_global", etf::binary("another"));
    b.node.answer("rabbit_boot_state:get", etf::atom("ready"));
    co_await testing::poll_until(in_cluster, "the other cluster");
    CHECK(facts().value->cluster_id == "another");
  });
}
