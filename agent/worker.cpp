#include "agent/worker.hpp"

#include "agent/guard_link.hpp"
#include "agent/log.hpp"
#include "agent/metrics.hpp"
#include "async/as_result.hpp"
#include "async/task_group.hpp"
#include "async/wakeup.hpp"
#include "async/with_deadline.hpp"
#include "http/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <exception>
#include <utility>

namespace warren::agent {
namespace {

constexpr int exit_software = 70;
constexpr base::duration end_limit = std::chrono::milliseconds(500);

void report(std::string_view task, const std::exception_ptr& error) {
  const std::string who = "task " + std::string(task) + " broke: ";
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    log(log_level::error, who + e.what());
  } catch (...) {
    log(log_level::error, who + "unknown exception");
  }
}

// Wires the tasks of the worker together and ends them in order.
class worker {
 public:
  explicit worker(worker_context context)
      : link_(io_.get_executor(), std::move(context.link)),
        metrics_(WARREN_VERSION, context.restarts),
        stop_(io_.get_executor()),
        server_(
            io_.get_executor(), [this](const http::request& r) { return answer(r); }, {},
            [](const std::exception_ptr& error) { report("http handler", error); }),
        tasks_(io_.get_executor(), [this](std::string_view task, const std::exception_ptr& error) {
          report(task, error);
          exit_code_ = exit_software;
          stop_.notify();
        }) {
    for (base::descriptor& listener : context.listeners) server_.add_listener(listener.release());
  }

  int run() {
    async::asio::co_spawn(io_, live(), [](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
    });
    io_.run();
    return exit_code_;
  }

 private:
  async::awaitable<void> live() {
    tasks_.spawn("heartbeat", link_.beat());
    tasks_.spawn("guard", stop_after(link_.watch_guard()));
    tasks_.spawn("signals", stop_after(sigterm()));
    tasks_.spawn("http", server_.run());
    while (!co_await stop_.wait_until(base::time_point::max())) continue;
    server_.stop();
    tasks_.cancel();
    auto ended = async::with_deadline(base::steady::now() + end_limit, tasks_.join());
    const base::result<void> in_time = co_await async::as_result(std::move(ended));
    if (!in_time) log(log_level::warning, "some tasks did not end in time");
    io_.stop();
  }

  async::awaitable<void> stop_after(async::awaitable<void> event) {
    co_await std::move(event);
    stop_.notify();
  }

  async::awaitable<void> sigterm() {
    async::asio::signal_set signals(io_, SIGTERM);
    co_await signals.async_wait(async::use_awaitable);
  }

  async::awaitable<http::reply> answer(const http::request& request) {
    http::reply reply;
    if (request.path == "/agent/livez") {
      reply.body = "ok\n";
    } else if (request.path == "/metrics") {
      metrics_.show_loop_lag(link_.loop_lag());
      const metrics_format format = negotiate(request.accept);
      reply.content_type = content_type(format);
      reply.body = metrics_.text(format, base::steady::now());
    } else {
      reply.status = 404;
      reply.body = "not found\n";
    }
    co_return reply;
  }

  async::asio::io_context io_{1};
  guard_link link_;
  metrics metrics_;
  async::wakeup stop_;
  http::server server_;
  async::task_group tasks_;
  int exit_code_ = 0;
};

}  // namespace

int run_worker(const settings&, worker_context context) {
  return worker(std::move(context)).run();
}

}  // namespace warren::agent
