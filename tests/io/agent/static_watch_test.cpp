#include "agent/tasks/static_watch.hpp"

#include "async/task_group.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/dns_messages.hpp"
#include "tests/support/fake_dns.hpp"
#include "tests/support/rethrow.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warren;
using namespace std::chrono_literals;
using testing::fake_dns;
using testing::poll_until;
using texts = std::vector<std::string>;

namespace {

struct scene {
  explicit scene(const async::asio::any_io_executor& executor)
      : server(executor),
        store({}, {}),
        found(store),
        tasks(executor,
              [](std::string_view, const std::exception_ptr& e) { testing::rethrow(e); }) {
    settings.interval = 20ms;
    settings.limit = 300ms;
    settings.hosts_file = folder / "hosts";
    settings.config = [port = server.port()]() -> base::result<dns::config> {
      return dns::config{{{"127.0.0.1", port}}, {"shop"}, 1, {100ms, 100ms}};
    };
  }

  // "rabbit@rmq-0: 10.0.0.1 fd00::1" for each peer.
  texts peers() const {
    texts all;
    const auto& list = store.current().world.peers.value;
    if (!list) return all;
    for (const domain::peer& p : list->peers) {
      all.push_back(p.node + ":");
      for (const std::string& address : p.addresses) all.back() += " " + address;
    }
    return all;
  }

  testing::temporary_folder folder;
  fake_dns server;
  agent::snapshot_store store;
  agent::found_peers found;
  async::task_group tasks;
  agent::static_watch_settings settings;
};

void watch(texts nodes, const std::function<void(scene&)>& prepare,
           const std::function<async::awaitable<void>(scene&)>& story) {
  testing::run_coroutine([&]() -> async::awaitable<void> {
    scene s(co_await async::asio::this_coro::executor);
    s.settings.nodes = nodes;
    prepare(s);
    agent::static_watch watched(s.found, s.settings);
    s.tasks.spawn("watch", watched.run());
    co_await story(s);
    s.tasks.cancel();
    co_await s.tasks.join();
  });
}

}  // namespace

TEST_CASE("the peers of a list are known at once, whatever becomes of their addresses") {
  watch(
      {"rabbit@rmq-1", "rabbit@rmq-0"},
      [](scene& s) { s.server.behave(fake_dns::behaviour::silent); },
      [](scene& s) -> async::awaitable<void> {
        co_await testing::let_others_run();
        CHECK(s.peers() == texts{"rabbit@rmq-0:", "rabbit@rmq-1:"});
        CHECK(s.store.current().world.peers.current());
        CHECK(s.store.current().world.peers.value->peers[0].ready);
      });
}

TEST_CASE("addresses come from the name itself, the hosts file or DNS, in this order") {
  watch(
      {"rabbit@10.0.0.1", "rabbit@rmq-1.a", "rabbit@rmq-2", "rabbit@fd00::4"},
      [](scene& s) {
        s.folder.write("hosts", "10.0.0.2 rmq-1.a rmq-1\nfd00::2 rmq-1.a\n");
        s.server.set("A rmq-1.a", {testing::dns_a("rmq-1.a", "10.9.9.9")});
        s.server.set("A rmq-2.shop", {testing::dns_a("rmq-2.shop", "10.0.0.3")});
      },
      [](scene& s) -> async::awaitable<void> {
        const texts all{"rabbit@10.0.0.1: 10.0.0.1", "rabbit@fd00::4: fd00::4",
                        "rabbit@rmq-1.a: 10.0.0.2 fd00::2", "rabbit@rmq-2: 10.0.0.3"};
        co_await poll_until([&] { return s.peers() == all; }, "all addresses");
      });
}

TEST_CASE(
    "a host keeps its addresses while it cannot be looked for, and loses them when it has none") {
  watch(
      {"rabbit@rmq-0"},
      [](scene& s) { s.server.set("A rmq-0.shop", {testing::dns_a("rmq-0.shop", "10.0.0.1")}); },
      [](scene& s) -> async::awaitable<void> {
        const texts known{"rabbit@rmq-0: 10.0.0.1"};
        co_await poll_until([&] { return s.peers() == known; }, "the address");
        s.server.behave(fake_dns::behaviour::fails);
        const std::size_t before = s.server.asked().size();
        const auto looks = s.found.counters().good;
        co_await poll_until([&] { return s.found.counters().good > looks + 2; }, "more looks");
        CHECK(s.server.asked().size() > before);
        CHECK(s.peers() == known);
        s.server.behave(fake_dns::behaviour::answers);
        s.server.set("A rmq-0.shop", {testing::dns_a("rmq-0.shop", "10.0.0.2")});
        co_await poll_until([&] { return s.peers() == texts{"rabbit@rmq-0: 10.0.0.2"}; },
                            "the new address");
        s.server.clear();
        co_await poll_until([&] { return s.peers() == texts{"rabbit@rmq-0:"}; }, "no address");
        CHECK(s.store.current().world.peers.current());
      });
}
