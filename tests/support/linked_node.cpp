#include "tests/support/linked_node.hpp"

#include <utility>

namespace warren::testing {

using async::awaitable;

namespace {

awaitable<void> keep(linked_node& self) {
  self.ended = co_await self.link->run();
}

}  // namespace

linked_node::linked_node(const async::asio::any_io_executor& executor)
    : epmd(executor),
      node(executor),
      tasks(executor, [](auto, const auto& error) { std::rethrow_exception(error); }) {}

awaitable<void> linked_node::open(erldist::connection_settings settings) {
  epmd.add("rabbit", node.port());
  erldist::connect_target target;
  target.addresses = {async::asio::ip::address_v4::loopback()};
  target.epmd_port = epmd.port();
  target.node = node.settings().name;
  target.own_name = "warren-rmq-0@fake";
  target.cookie = node.settings().cookie;
  auto connected = co_await erldist::connect(std::move(target), {}, settings);
  link = std::move(connected.value());
  tasks.spawn("link", keep(*this));
}

awaitable<base::error_code> linked_node::end() {
  co_await poll_until([&] { return ended.has_value(); }, "the end of the link");
  co_return ended->code;
}

void with_link(std::function<awaitable<void>(linked_node&)> body,
               erldist::connection_settings settings) {
  run_coroutine([&]() -> awaitable<void> {
    linked_node l(co_await async::asio::this_coro::executor);
    co_await l.open(settings);
    co_await body(l);
    l.tasks.cancel();
    co_await l.tasks.join();
  });
}

}  // namespace warren::testing
