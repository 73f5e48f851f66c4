#pragma once

#include "kubernetes/api_client.hpp"
#include "tests/support/fake_kube_api.hpp"
#include "tests/support/run_coroutine.hpp"

#include <functional>

namespace warren::testing {

// Runs `body` beside a fake API server of its own, with a client of it.
inline void with_kube(
    const std::function<async::awaitable<void>(fake_kube_api&, kubernetes::api_client&)>& body) {
  run_coroutine([&body]() -> async::awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    fake_kube_api server(executor);
    kubernetes::in_cluster where;
    where.tls = false;
    where.host = "127.0.0.1";
    where.port = server.port();
    where.token_path = "";
    kubernetes::api_client api(executor, where, "warren/test");
    co_await body(server, api);
  });
}

inline base::time_point soon() {
  return base::steady::now() + std::chrono::seconds(3);
}

}  // namespace warren::testing
