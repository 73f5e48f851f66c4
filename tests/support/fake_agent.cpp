#include "tests/support/fake_agent.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace warren::testing {

using async::asio::ip::tcp;

fake_agent::fake_agent(const async::asio::any_io_executor& executor,
                       const async::asio::ip::address& address, std::uint16_t port)
    : tasks_(executor,
             [](std::string_view, const std::exception_ptr& e) { std::rethrow_exception(e); }),
      server_(executor, [this](const http::request& r) { return answer(r); }) {
  tcp::acceptor acceptor(executor, tcp::endpoint(address, port));
  port_ = acceptor.local_endpoint().port();
  server_.add_listener(acceptor.release());
  tasks_.spawn("fake agent", server_.run());
}

async::awaitable<http::reply> fake_agent::answer(const http::request& asked) {
  ++requests_;
  http::reply reply;
  reply.status = asked.path == "/v1/status" ? status : 404;
  reply.body = body;
  most_at_once_ = std::max(most_at_once_, ++at_once_);
  if (delay > base::duration::zero()) co_await async::sleep_for(delay);
  --at_once_;
  co_return reply;
}

async::awaitable<void> fake_agent::stop() {
  server_.stop();
  co_await tasks_.join();
}

std::string status_of_agent(const std::string& node, const std::string& pod_uid,
                            domain::knowledge has_data) {
  return R"({"schema":1,"service":"rmq","node":")" + node + R"(","pod_uid":")" + pod_uid +
         R"(","has_data":")" + std::string(domain::name(has_data)) + R"(","gate_open":false})";
}

}  // namespace warren::testing
