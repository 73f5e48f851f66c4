#include "agent/guard.hpp"

#include "agent/guard_protocol.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/guard_process.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>

using namespace std::chrono_literals;
using namespace warren;
using agent::worker_context;
using std::chrono::steady_clock;
using testing::blackboard;
using testing::guard_process;
using testing::wait_until;

namespace {

void say(const worker_context& context, const std::string& message) {
  ::send(context.link.get(), message.data(), message.size(), MSG_NOSIGNAL);
}

// A worker that lives: its heart beats until SIGTERM ends it.
int live(const worker_context& context) {
  for (;;) {
    say(context, "H");
    ::poll(nullptr, 0, 10);
  }
}
int live_on(worker_context context, blackboard&) {
  return live(context);
}

// Blocked in its own code: no heartbeat, no reaction to SIGTERM.
int hang() {
  ::signal(SIGTERM, SIG_IGN);
  for (;;) ::poll(nullptr, 0, 1000);
}

int ignore_sigterm(worker_context context, blackboard&) {
  ::signal(SIGTERM, SIG_IGN);
  return live(context);
}

domain::supervision_settings quick() {
  domain::supervision_settings settings;
  settings.heartbeat_limit = 300ms;
  settings.step = 20ms;
  return settings;
}

void wait_for_start(const guard_process& guard, int count) {
  wait_until([&] { return guard.board().starts >= count; }, "worker " + std::to_string(count));
}

}  // namespace

TEST_CASE("SIGTERM ends guard and worker with exit code 0") {
  const int signal = GENERATE(SIGTERM, SIGINT);
  guard_process guard(live_on, {});
  wait_for_start(guard, 1);
  guard.send(signal);
  CHECK(guard.wait() == 0);
}

TEST_CASE("SIGTERM ends everything within a second, whatever the worker does") {
  const auto begin = [](guard_process::work work) {
    auto guard = std::make_unique<guard_process>(std::move(work), domain::supervision_settings{});
    wait_for_start(*guard, 1);
    return guard;
  };
  std::unique_ptr<guard_process> guard;
  SECTION("it ignores SIGTERM") {
    guard = begin(ignore_sigterm);
  }
  SECTION("it hangs") {
    guard = begin([](worker_context, blackboard&) { return hang(); });
  }
  SECTION("it is stopped") {
    guard = begin(live_on);
    ::kill(guard->board().worker, SIGSTOP);
  }
  SECTION("it dies again and again") {
    guard = begin([](worker_context, blackboard&) { return 1; });
    wait_for_start(*guard, 5);
  }
  guard->send(SIGTERM);
  CHECK(guard->wait() == 0);
}

TEST_CASE("a second SIGTERM leaves at once") {
  domain::supervision_settings settings;
  settings.stop_limit = 1h;
  guard_process guard(ignore_sigterm, settings);
  wait_for_start(guard, 1);
  guard.send(SIGTERM);
  wait_until([&] { return !testing::signal_pending(guard.pid(), SIGTERM); }, "the guard reads it");
  guard.send(SIGTERM);
  CHECK(guard.wait() == 0);
}

TEST_CASE("a worker that ended is replaced within 100 ms, and the next one knows why") {
  guard_process guard(live_on, {});
  wait_for_start(guard, 1);
  const int signal = GENERATE(SIGKILL, SIGABRT, SIGSEGV);
  const auto killed = steady_clock::now();
  ::kill(guard.board().worker, signal);
  wait_for_start(guard, 2);
  CHECK(steady_clock::now() - killed < 100ms);
  CHECK(guard.board().crashed == 1);
  CHECK(guard.board().exited == 0);
  CHECK(guard.log().find("ended by signal " + std::string(::strsignal(signal))) !=
        std::string::npos);
  guard.send(SIGTERM);
  CHECK(guard.wait() == 0);
}

TEST_CASE("a worker that returns or throws is replaced") {
  const bool throws = GENERATE(true, false);
  guard_process guard(
      [throws](worker_context context, blackboard& board) {
        if (board.starts > 1) return live(context);
        if (throws) throw std::logic_error("a bug");
        return 3;
      },
      {});
  wait_for_start(guard, 2);
  CHECK(guard.board().exited == 1);
  guard.send(SIGTERM);
  CHECK(guard.wait() == 0);
}

TEST_CASE("a worker that hangs is killed and replaced") {
  guard_process guard(
      [](worker_context context, blackboard& board) {
        if (board.starts > 1) return live(context);
        for (int n = 0; n < 10; ++n) say(context, "H");
        return hang();
      },
      quick());
  wait_for_start(guard, 1);
  const auto began = steady_clock::now();
  wait_for_start(guard, 2);
  CHECK(steady_clock::now() - began > 200ms);
  CHECK(guard.board().hung == 1);
  CHECK(guard.log().find("gave no heartbeat and was killed") != std::string::npos);
  guard.send(SIGTERM);
  CHECK(guard.wait() == 0);
}

TEST_CASE("a pod that was stopped as a whole keeps its worker") {
  guard_process guard(live_on, quick());
  wait_for_start(guard, 1);
  const pid_t worker = guard.board().worker;
  guard.send(SIGSTOP);
  ::kill(worker, SIGSTOP);
  const auto stopped = steady_clock::now();
  wait_until([&] { return steady_clock::now() - stopped > 600ms; }, "twice the heartbeat limit");
  guard.send(SIGCONT);
  ::kill(worker, SIGCONT);
  const auto resumed = steady_clock::now();
  wait_until([&] { return steady_clock::now() - resumed > 100ms; }, "some looks of the guard");
  CHECK(guard.board().worker == worker);
  CHECK(testing::process_runs(worker));
  guard.send(SIGTERM);
  CHECK(guard.wait() == 0);
}

TEST_CASE("a worker dies with its guard, and the port is free for the next") {
  guard_process guard(ignore_sigterm, {});
  wait_for_start(guard, 1);
  CHECK(testing::can_connect(guard.port()));
  guard.send(SIGKILL);
  CHECK(guard.wait() == 128 + SIGKILL);
  CHECK_FALSE(testing::can_connect(guard.port()));
}

TEST_CASE("the state that a worker sent last passes to the next") {
  guard_process guard(
      [](worker_context context, blackboard& board) {
        if (board.starts > 1) return live(context);
        say(context, "Sfirst");
        say(context, "S" + std::string(agent::max_carried_state + 1, 'x'));
        say(context, "?");
        say(context, "Ssecond");
        std::abort();
      },
      {});
  wait_for_start(guard, 2);
  CHECK(std::string(guard.board().carried.data()) == "second");
  ::kill(guard.board().worker, SIGKILL);
  wait_for_start(guard, 3);
  CHECK(std::string(guard.board().carried.data()) == "second");
  guard.send(SIGTERM);
  CHECK(guard.wait() == 0);
}

TEST_CASE("SIGHUP brings a worker with the new settings") {
  guard_process guard(live_on, {}, [](int& setting) {
    ++setting;
    return true;
  });
  wait_for_start(guard, 1);
  const pid_t first = guard.board().worker;
  CHECK(guard.board().setting == 1);
  guard.send(SIGHUP);
  wait_for_start(guard, 2);
  CHECK(guard.board().setting == 2);
  CHECK(guard.board().reloaded == 1);
  CHECK_FALSE(testing::process_runs(first));
  guard.send(SIGTERM);
  CHECK(guard.wait() == 0);
}

TEST_CASE("SIGHUP with bad settings keeps the worker that runs") {
  guard_process guard(live_on, {}, [](int&) { return false; });
  wait_for_start(guard, 1);
  guard.send(SIGHUP);
  wait_until([&] { return guard.board().reloads == 1; }, "the settings are read");
  guard.send(SIGHUP);
  wait_until([&] { return guard.board().reloads == 2; }, "the settings are read again");
  CHECK(guard.board().starts == 1);
  CHECK(testing::process_runs(guard.board().worker));
  guard.send(SIGTERM);
  CHECK(guard.wait() == 0);
}

TEST_CASE("no connection is refused while workers are killed") {
  guard_process guard(live_on, {});
  wait_for_start(guard, 1);
  int refused = 0;
  for (int n = 0; n < 100; ++n) {
    if (n % 10 == 0) {
      const int starts = guard.board().starts;
      ::kill(guard.board().worker, SIGKILL);
      if (n == 50) wait_for_start(guard, starts + 1);
    }
    refused += testing::can_connect(guard.port()) ? 0 : 1;
  }
  CHECK(refused == 0);
  guard.send(SIGTERM);
  CHECK(guard.wait() == 0);
}

TEST_CASE("the guard buries the children of others") {
  guard_process guard(
      [](worker_context context, blackboard& board) {
        if (board.starts > 1) return live(context);
        const pid_t child = ::fork();
        if (child == 0) {
          while (board.starts < 2) ::poll(nullptr, 0, 1);
          ::_exit(0);
        }
        board.other = child;
        return 1;
      },
      {});
  wait_for_start(guard, 2);
  wait_until([&] { return ::kill(guard.board().other, 0) != 0; }, "the orphan is buried");
  guard.send(SIGTERM);
  CHECK(guard.wait() == 0);
}
