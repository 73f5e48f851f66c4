#include "tests/support/peer_scene.hpp"

#include <exception>
#include <utility>

namespace warren::testing {
namespace {

agent::snapshot first() {
  agent::snapshot s;
  s.world.node = "rabbit@self";
  s.gate_mode = true;
  return s;
}

}  // namespace

peer_scene::peer_scene(const async::asio::any_io_executor& ex)
    : executor(ex),
      store(first(), {}),
      tasks(ex, [](std::string_view, const std::exception_ptr& e) { std::rethrow_exception(e); }) {}

void peer_scene::list(std::vector<domain::peer> peers) {
  const base::time_point now = base::steady::now();
  store.change(now, [&](agent::snapshot& s) {
    s.world.peers.saw({.peers = std::move(peers)}, now);
    ++s.peers_revision;
  });
}

const domain::peer_sight& peer_scene::sight(const std::string& node) const {
  return store.current().sights.at(node);
}

async::awaitable<void> peer_scene::until(const std::string& node,
                                         std::function<bool(const domain::peer_sight&)> condition,
                                         std::string what) {
  co_await poll_until([&] { return condition(sight(node)); }, std::move(what));
}

domain::peer peer_at(std::string node, std::string uid, std::string address) {
  return {.node = std::move(node), .uid = std::move(uid), .addresses = {std::move(address)}};
}

void with_peers(std::function<async::awaitable<void>(peer_scene&)> body) {
  run_coroutine([&]() -> async::awaitable<void> {
    peer_scene scene(co_await async::asio::this_coro::executor);
    co_await body(scene);
  });
}

}  // namespace warren::testing
