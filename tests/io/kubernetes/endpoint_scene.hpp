#pragma once

#include "async/task_group.hpp"
#include "kubernetes/endpoint_source.hpp"
#include "tests/support/fake_kube_api.hpp"
#include "tests/support/kube_objects.hpp"
#include "tests/support/run_coroutine.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <string>
#include <vector>

namespace warren::testing {

inline const std::string slices_resource = "endpointslices.discovery.k8s.io";

// Waits of milliseconds where the defaults have seconds.
inline kubernetes::endpoint_source_settings impatient() {
  kubernetes::endpoint_source_settings out;
  out.slices.policy.backoff = {
      .first = std::chrono::milliseconds(20), .cap = std::chrono::milliseconds(40), .jitter = 0.0};
  out.slices.policy.slack = std::chrono::milliseconds(30);
  out.slices.policy.very_short = std::chrono::milliseconds(2);
  out.slices.request_timeout = std::chrono::milliseconds(100);
  out.poll_interval = std::chrono::milliseconds(5);
  out.first_slices_retry = std::chrono::seconds(10);
  return out;
}

// A source beside an API server of its own, and what it told.
struct endpoint_scene {
  explicit endpoint_scene(const async::asio::any_io_executor& executor,
                          kubernetes::endpoint_source_settings settings = impatient())
      : server(executor),
        api(executor, {.tls = false, .host = "127.0.0.1", .port = server.port(), .token_path = ""},
            "warren/test"),
        source(api, "rmq",
               {.on_endpoints =
                    [this](std::vector<kubernetes::endpoint> all) {
                      ++changes;
                      endpoints = std::move(all);
                    },
                .on_confirmed = [this] { ++confirmations; },
                .on_failure = [this](const base::failure& f) { failures.push_back(f); },
                .on_problem = [this](std::string_view text) { problems.emplace_back(text); }},
               settings, 1),
        tasks(executor,
              [](std::string_view, std::exception_ptr error) { std::rethrow_exception(error); }) {}

  void put_slice(const std::string& name, const std::vector<std::string>& pods) {
    std::vector<kube_endpoint> all;
    for (const std::string& pod : pods) all.push_back({.pod = pod, .address = "10.0.0.1"});
    server.put(endpoint_slice(name, "rmq", all));
  }
  void start() { tasks.spawn("source", source.run()); }
  async::awaitable<void> stop() {
    tasks.cancel();
    co_await tasks.join();
  }
  [[nodiscard]] std::string pods() const {
    std::string out;
    for (const kubernetes::endpoint& e : endpoints) out += e.pod + " ";
    return out;
  }
  async::awaitable<void> until_pods(std::string expected) {
    co_await poll_until([this, &expected] { return pods() == expected; }, "pods: " + expected);
  }
  async::awaitable<void> until_watching() {
    co_await poll_until([this] { return server.watches_open() == 1; }, "watch");
  }
  [[nodiscard]] std::size_t lists() const { return server.count("list", "/apis/discovery"); }
  [[nodiscard]] std::size_t watches() const { return server.count("watch", "/apis/discovery"); }
  [[nodiscard]] bool failed_with(const base::error_code& code) const {
    return std::any_of(failures.begin(), failures.end(),
                       [&](const base::failure& f) { return f.code == code; });
  }

  fake_kube_api server;
  kubernetes::api_client api;
  int changes = 0;
  int confirmations = 0;
  std::vector<kubernetes::endpoint> endpoints;
  std::vector<base::failure> failures;
  std::vector<std::string> problems;
  kubernetes::endpoint_source source;
  async::task_group tasks;
};

using endpoint_scene_body = async::awaitable<void> (*)(endpoint_scene&);

// The body begins with rmq-0 listed and a watch open.
inline void watching(endpoint_scene_body body,
                     kubernetes::endpoint_source_settings settings = impatient()) {
  run_coroutine([=]() -> async::awaitable<void> {
    endpoint_scene s(co_await async::asio::this_coro::executor, settings);
    s.put_slice("a", {"rmq-0"});
    s.start();
    co_await s.until_pods("rmq-0 ");
    co_await s.until_watching();
    co_await body(s);
    co_await s.stop();
  });
}

// The body begins before the first request.
inline void not_started(endpoint_scene_body body,
                        kubernetes::endpoint_source_settings settings = impatient()) {
  run_coroutine([=]() -> async::awaitable<void> {
    endpoint_scene s(co_await async::asio::this_coro::executor, settings);
    s.put_slice("a", {"rmq-0"});
    co_await body(s);
    co_await s.stop();
  });
}

}  // namespace warren::testing
