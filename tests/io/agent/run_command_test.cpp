#include "agent/tasks/run_command.hpp"

#include "async/task_group.hpp"
#include "base/descriptor.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/scratch_folder.hpp"

#include <boost/asio/error.hpp>

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/types.h>
#include <unistd.h>
#include <vector>

using namespace std::chrono_literals;
using namespace warren;
using async::awaitable;
using command = std::vector<std::string>;

namespace {

base::result<void> run(const command& arguments, base::duration limit = 5s) {
  base::result<void> outcome;
  testing::run_coroutine([&]() -> awaitable<void> {
    outcome = co_await agent::run_command(arguments, base::steady::now() + limit);
  });
  return outcome;
}

// The program that this process has started and not reaped yet, or 0.
pid_t child_process() {
  pid_t pid = 0;
  std::ifstream("/proc/thread-self/children") >> pid;
  return pid;
}

}  // namespace

TEST_CASE("a command that ends well, and what it is given", "[command]") {
  const testing::scratch_folder folder;
  const std::string made = folder.file("a name with blanks");
  CHECK(run({"touch", made}).has_value());
  CHECK(std::filesystem::exists(made));
}

TEST_CASE("a command gets none of the agent's sockets", "[command]") {
  const int inherited = ::fcntl(STDERR_FILENO, F_DUPFD, 100);  // without CLOEXEC, as Asio opens
  REQUIRE(inherited >= 100);
  const base::descriptor owner(inherited);
  const std::string number = std::to_string(inherited);
  CHECK(run({"sh", "-c", "test -e /proc/self/fd/2"}).has_value());
  CHECK(run({"sh", "-c", "! test -e /proc/self/fd/" + number}).has_value());
}

TEST_CASE("a command that fails tells its exit code or signal", "[command]") {
  CHECK(run({"sh", "-c", "exit 3"}).error().detail == "sh ended with exit code 3");
  CHECK(run({"sh", "-c", "kill -9 $$"}).error().detail == "sh was ended by signal 9");
}

TEST_CASE("a command that does not exist", "[command]") {
  const auto outcome = run({"/no/such/program"});
  REQUIRE(outcome.has_error());
  CHECK(outcome.error().code == boost::system::errc::no_such_file_or_directory);
  CHECK(outcome.error().detail == "/no/such/program");
}

TEST_CASE("a command that takes too long is killed", "[command]") {
  const base::time_point began = base::steady::now();
  const auto outcome = run({"sleep", "60"}, 20ms);
  REQUIRE(outcome.has_error());
  CHECK(outcome.error().code == async::asio::error::timed_out);
  CHECK(base::steady::now() - began < 2s);
}

TEST_CASE("a command does not outlive the task that runs it", "[command]") {
  const base::time_point began = base::steady::now();
  testing::run_coroutine([]() -> awaitable<void> {
    async::task_group tasks(
        co_await async::asio::this_coro::executor,
        [](std::string_view, const std::exception_ptr& e) { std::rethrow_exception(e); });
    auto wait_long = []() -> awaitable<void> {
      command arguments{"sleep", "60"};
      co_await agent::run_command(std::move(arguments), base::steady::now() + 1min);
    };
    tasks.spawn("command", wait_long());
    pid_t program = 0;
    co_await testing::poll_until([&] { return (program = child_process()) != 0; }, "the program");
    tasks.cancel();
    co_await tasks.join();
    CHECK(::kill(program, 0) == -1);
    CHECK(child_process() == 0);
  });
  CHECK(base::steady::now() - began < 2s);
}
