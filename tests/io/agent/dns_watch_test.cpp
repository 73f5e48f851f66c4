#include "agent/tasks/dns_watch.hpp"

#include "async/task_group.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/dns_messages.hpp"
#include "tests/support/fake_dns.hpp"
#include "tests/support/rethrow.hpp"
#include "tests/support/run_coroutine.hpp"

#include <functional>

using namespace warren;
using namespace std::chrono_literals;
using testing::fake_dns;
using testing::poll_until;
using texts = std::vector<std::string>;

namespace {

const std::string name = "rmq.shop.svc.cluster.local";

// A watch on a DNS server, and the store that it fills.
struct scene {
  explicit scene(const async::asio::any_io_executor& executor)
      : server(executor),
        store({}, {}),
        found(store),
        tasks(executor,
              [](std::string_view, const std::exception_ptr& e) { testing::rethrow(e); }) {
    settings.service = "rmq";
    settings.name_space = "shop";
    settings.port_name = "amqp";
    settings.rules.from = domain::address_type::hostname;
    settings.interval = 20ms;
    settings.limit = 300ms;
    settings.config = [this]() -> base::result<dns::config> { return config; };
    config.servers = {{"127.0.0.1", server.port()}};
    config.search = {"shop.svc.cluster.local", "svc.cluster.local", "cluster.local"};
    config.dots = 5;
    config.patience = {100ms, 100ms};
  }

  // A pod as CoreDNS has it, with its addresses beside the SRV record.
  void add_pod(int ordinal) {
    const std::string pod = "rmq-" + std::to_string(ordinal) + "." + name;
    const std::string owner = "_amqp._tcp." + name;
    srv.push_back(testing::dns_srv(owner, pod));
    addresses.push_back(testing::dns_a(pod, "10.0.0." + std::to_string(ordinal + 1)));
    server.set("SRV " + owner, srv, addresses);
  }

  texts nodes() const {
    texts all;
    if (!store.current().world.peers.value) return {"not seen"};
    for (const domain::peer& p : store.current().world.peers.value->peers) all.push_back(p.node);
    return all;
  }
  const base::observed<domain::peer_list>& peers() const { return store.current().world.peers; }

  fake_dns server;
  agent::snapshot_store store;
  agent::found_peers found;
  async::task_group tasks;
  dns::config config;
  agent::dns_watch_settings settings;
  texts srv;
  texts addresses;
};

// Runs `story` beside a watch with the scene's settings, which `prepare` may change.
void watch(const std::function<void(scene&)>& prepare,
           const std::function<async::awaitable<void>(scene&)>& story) {
  testing::run_coroutine([&]() -> async::awaitable<void> {
    scene s(co_await async::asio::this_coro::executor);
    prepare(s);
    agent::dns_watch watched(s.found, s.settings);
    s.tasks.spawn("watch", watched.run());
    co_await story(s);
    s.tasks.cancel();
    co_await s.tasks.join();
  });
}

}  // namespace

TEST_CASE("pods in DNS are peers with their names and addresses, and changes are seen") {
  watch(
      [](scene& s) {
        s.add_pod(1);
        s.add_pod(0);
      },
      [](scene& s) -> async::awaitable<void> {
        co_await poll_until([&] { return s.nodes() == texts{"rabbit@rmq-0", "rabbit@rmq-1"}; },
                            "two peers");
        const domain::peer first = s.peers().value->peers[0];
        CHECK(first.addresses == texts{"10.0.0.1"});
        CHECK(first.pod == "rmq-0");
        CHECK(s.peers().current());
        // The addresses came along: one question a look.
        CHECK(s.server.asked().front() == "SRV _amqp._tcp." + name);
        CHECK((s.server.asked().size() == 1 || s.server.asked()[1] == s.server.asked()[0]));
        s.add_pod(2);
        co_await poll_until([&] { return s.nodes().size() == 3; }, "the third peer");
        CHECK(s.store.current().peers_revision == 2);
      });
}

TEST_CASE("targets whose addresses did not come along are looked up in both families") {
  watch(
      [](scene& s) {
        const std::string pod = "rmq-0." + name;
        s.server.set("SRV _amqp._tcp." + name, {testing::dns_srv("_amqp._tcp." + name, pod)});
        s.server.set("A " + pod, {testing::dns_a(pod, "10.0.0.1")});
        s.server.set("AAAA " + pod, {testing::dns_aaaa(pod, "fd00::1")});
      },
      [](scene& s) -> async::awaitable<void> {
        co_await poll_until([&] { return s.nodes() == texts{"rabbit@rmq-0"}; }, "the peer");
        CHECK(s.peers().value->peers[0].addresses == texts{"10.0.0.1", "fd00::1"});
      });
}

TEST_CASE("without the named port the SRV records of the name itself name the pods, each once") {
  watch(
      [](scene& s) {
        const std::string pod = "rmq-0." + name;
        s.server.set("SRV " + name,
                     {testing::dns_srv(name, pod, 4369), testing::dns_srv(name, pod, 5672)},
                     {testing::dns_a(pod, "10.0.0.1")});
      },
      [](scene& s) -> async::awaitable<void> {
        co_await poll_until([&] { return s.nodes() == texts{"rabbit@rmq-0"}; }, "the peer");
      });
}

TEST_CASE("addresses alone are peers where nodes are named by them, else the cure is told") {
  const auto addresses_alone = [](scene& s) {
    s.server.set("A " + name, {testing::dns_a(name, "10.0.0.1")});
    s.server.set("AAAA " + name, {testing::dns_aaaa(name, "fd00::1")});
  };
  watch(
      [&](scene& s) {
        addresses_alone(s);
        s.settings.rules.from = domain::address_type::ip;
      },
      [](scene& s) -> async::awaitable<void> {
        co_await poll_until([&] { return s.nodes() == texts{"rabbit@10.0.0.1"}; }, "the peer");
      });
  watch(addresses_alone, [](scene& s) -> async::awaitable<void> {
    co_await poll_until([&] { return s.nodes().empty(); }, "a look");
    CHECK(s.peers().value->problem_count == 1);
  });
}

TEST_CASE("a name without records was looked at, and there are no peers") {
  watch([](scene&) {},
        [](scene& s) -> async::awaitable<void> {
          co_await poll_until([&] { return s.nodes().empty(); }, "a look");
          CHECK(s.peers().current());
          s.add_pod(0);
          co_await poll_until([&] { return s.nodes().size() == 1; }, "the peer");
          s.server.clear();
          co_await poll_until([&] { return s.nodes().empty(); }, "no peer");
          CHECK(s.peers().current());
        });
}

TEST_CASE("a server that fails, is silent or is gone has shown nothing: the last peers stay") {
  watch([](scene& s) { s.add_pod(0); },
        [](scene& s) -> async::awaitable<void> {
          const auto known = [&] { return s.peers().current() && s.nodes().size() == 1; };
          const auto lost = [&] { return s.peers().last_error.has_value(); };
          co_await poll_until(known, "the peer");
          for (const auto how : {fake_dns::behaviour::fails, fake_dns::behaviour::silent,
                                 fake_dns::behaviour::garbage}) {
            s.server.behave(how);
            co_await poll_until(lost, "a failed look");
            CHECK(s.nodes() == texts{"rabbit@rmq-0"});
            CHECK(s.store.current().world.discovery == domain::discovery_problem::other);
            s.server.behave(fake_dns::behaviour::answers);
            co_await poll_until(known, "the peer again");
            CHECK(s.store.current().world.discovery == domain::discovery_problem::none);
          }
          s.server.stop();
          co_await poll_until(lost, "a failed look");
          CHECK(s.peers().last_error->text().find("SRV _amqp._tcp." + name) == 0);
          CHECK(s.nodes() == texts{"rabbit@rmq-0"});
          CHECK(s.found.counters().failed > 0);
        });
}

TEST_CASE("a name without its namespace is completed by the search list") {
  watch(
      [](scene& s) {
        s.settings.name_space.clear();
        s.add_pod(0);
      },
      [](scene& s) -> async::awaitable<void> {
        co_await poll_until([&] { return s.nodes() == texts{"rabbit@rmq-0"}; }, "the peer");
        CHECK(s.server.asked().size() >= 1);
      });
}

TEST_CASE("a name of the search list that could not be looked at is not passed over for the next") {
  watch(
      [](scene& s) {
        s.settings.name = "rmq";
        s.config.search = {"first", "second"};
        s.server.set("A rmq.second", {testing::dns_a("rmq.second", "10.0.0.1")});
        s.settings.rules.from = domain::address_type::ip;
      },
      [](scene& s) -> async::awaitable<void> {
        co_await poll_until([&] { return s.nodes() == texts{"rabbit@10.0.0.1"}; }, "the peer");
        s.server.behave(fake_dns::behaviour::fails);
        const std::size_t before = s.server.asked().size();
        co_await poll_until([&] { return s.peers().last_error.has_value(); }, "a failed look");
        for (std::size_t n = before; n < s.server.asked().size(); ++n) {
          CHECK(s.server.asked()[n].find("second") == std::string::npos);
        }
      });
}

TEST_CASE("a resolv.conf that cannot be read is a failed look") {
  watch([](scene& s) { s.settings.config = [] { return dns::read_resolv_conf("/no/such/file"); }; },
        [](scene& s) -> async::awaitable<void> {
          co_await poll_until([&] { return s.peers().last_error.has_value(); }, "a failed look");
          CHECK_FALSE(s.peers().value);
        });
}
