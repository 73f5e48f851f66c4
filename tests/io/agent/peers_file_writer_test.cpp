#include "agent/tasks/peers_file_writer.hpp"

#include "async/task_group.hpp"
#include "base/file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/scratch_folder.hpp"

#include <filesystem>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace warren;
using async::awaitable;

namespace {

agent::snapshot own_node(const std::string& name) {
  agent::snapshot first;
  first.world.node = name;
  return first;
}

struct written_file {
  explicit written_file(const async::asio::any_io_executor& ex)
      : executor(ex),
        store(own_node("rabbit@a"), {}),
        tasks(ex,
              [](std::string_view, const std::exception_ptr& e) { std::rethrow_exception(e); }) {
    settings.path = folder.file("peers.conf");
    settings.retry = 5ms;
  }
  void begin() {
    if (writer) earlier.push_back(std::move(writer));  // the store still tells it of changes
    writer = std::make_unique<agent::peers_file_writer>(executor, store, settings);
    tasks.spawn("writer", writer->run());
  }
  void peers(std::vector<std::string> nodes) {
    domain::peer_list list;
    for (std::string& node : nodes) {
      domain::peer p;
      p.node = std::move(node);
      list.peers.push_back(std::move(p));
    }
    store.change(base::steady::now(), [&](agent::snapshot& s) {
      s.world.peers.saw(list, base::steady::now());
      ++s.peers_revision;
    });
  }
  [[nodiscard]] std::string text(const std::string& path) const {
    const base::result<std::string> read = base::read_file(path, 10000);
    return read ? *read : "";
  }

  async::asio::any_io_executor executor;
  testing::scratch_folder folder;
  agent::peers_file_settings settings;
  agent::snapshot_store store;
  std::vector<std::unique_ptr<agent::peers_file_writer>> earlier;
  std::unique_ptr<agent::peers_file_writer> writer;
  async::task_group tasks;
};

void with_file(std::function<awaitable<void>(written_file&)> body) {
  testing::run_coroutine([&]() -> awaitable<void> {
    written_file file(co_await async::asio::this_coro::executor);
    co_await body(file);
    file.tasks.cancel();
    co_await file.tasks.join();
  });
}

}  // namespace

TEST_CASE("the peer file follows the peers, and then the broker may start", "[peers_file]") {
  with_file([](written_file& f) -> awaitable<void> {
    f.begin();
    co_await testing::let_others_run();
    CHECK_FALSE(std::filesystem::exists(f.settings.path));
    CHECK_FALSE(f.store.current().may_start);
    f.peers({"rabbit@a"});
    co_await testing::poll_until([&] { return f.store.current().may_start; }, "may start");
    CHECK(f.text(f.settings.path).find("nodes.1 = rabbit@a\n") != std::string::npos);
    f.peers({"rabbit@a", "rabbit@b"});
    co_await testing::poll_until([&] { return f.writer->counters().written == 2; }, "second write");
    CHECK(f.text(f.settings.path).find("nodes.2 = rabbit@b\n") != std::string::npos);
  });
}

TEST_CASE("K18: an empty list leaves the file as it was", "[peers_file]") {
  with_file([](written_file& f) -> awaitable<void> {
    f.begin();
    f.peers({"rabbit@a"});
    co_await testing::poll_until([&] { return f.writer->counters().written == 1; }, "written");
    const std::string before = f.text(f.settings.path);
    f.peers({});
    co_await testing::let_others_run();
    f.peers({});
    co_await testing::let_others_run();
    CHECK(f.text(f.settings.path) == before);
    CHECK(f.writer->counters().written == 1);
  });
}

TEST_CASE("what an earlier agent wrote is good to start by while the API is away", "[peers_file]") {
  with_file([](written_file& f) -> awaitable<void> {
    CHECK(base::write_file_atomically(f.settings.path, "earlier\n").has_value());
    f.begin();
    co_await testing::poll_until([&] { return f.store.current().may_start; }, "may start");
    CHECK(f.text(f.settings.path) == "earlier\n");
  });
}

TEST_CASE("the command runs after a change, and not when a new agent finds the file right",
          "[peers_file]") {
  with_file([](written_file& f) -> awaitable<void> {
    const std::string log = f.folder.file("log");
    f.settings.command = {"sh", "-c", "echo changed >> " + log};
    f.begin();
    f.peers({"rabbit@a"});
    co_await testing::poll_until([&] { return f.text(log) == "changed\n"; }, "the first command");
    f.tasks.cancel();
    co_await f.tasks.join();
    const auto written = std::filesystem::last_write_time(f.settings.path);
    f.begin();
    f.store.change(base::steady::now(), [](agent::snapshot& s) { s.may_start = false; });
    f.peers({"rabbit@a"});
    co_await testing::poll_until([&] { return f.store.current().may_start; }, "may start");
    CHECK(std::filesystem::last_write_time(f.settings.path) == written);
    f.peers({"rabbit@a", "rabbit@b"});
    co_await testing::poll_until([&] { return f.text(log) == "changed\nchanged\n"; }, "the second");
  });
}

TEST_CASE("a command that fails is counted, and the file stays", "[peers_file]") {
  with_file([](written_file& f) -> awaitable<void> {
    f.settings.command = {"false"};
    f.begin();
    f.peers({"rabbit@a"});
    co_await testing::poll_until([&] { return f.writer->counters().commands_failed == 1; }, "it");
    CHECK(f.store.current().may_start);
  });
}

TEST_CASE("a folder that is not there is an error until it is", "[peers_file]") {
  with_file([](written_file& f) -> awaitable<void> {
    f.settings.path = f.folder.file("later/peers.conf");
    f.begin();
    f.peers({"rabbit@a"});
    co_await testing::poll_until([&] { return f.writer->counters().failed > 1; }, "some failures");
    REQUIRE_FALSE(f.store.current().peers_file_problem.empty());
    CHECK(f.store.current().peers_file_problem.find("later") != std::string::npos);
    CHECK_FALSE(f.store.current().may_start);
    std::filesystem::create_directory(f.folder.file("later"));
    co_await testing::poll_until([&] { return f.store.current().may_start; }, "may start");
    CHECK(f.store.current().peers_file_problem.empty());
  });
}

TEST_CASE("a list without the broker's own node is not written, and the cure is told",
          "[peers_file]") {
  with_file([](written_file& f) -> awaitable<void> {
    f.begin();
    f.peers({"rabbit@10.0.0.1", "rabbit@10.0.0.2"});
    co_await testing::poll_until([&] { return !f.store.current().peers_file_problem.empty(); },
                                 "the problem");
    CHECK(f.store.current().peers_file_problem.find("K8S_ADDRESS_TYPE") != std::string::npos);
    CHECK_FALSE(f.store.current().may_start);
    CHECK_FALSE(std::filesystem::exists(f.settings.path));
    f.peers({"rabbit@a", "rabbit@b"});
    co_await testing::poll_until([&] { return f.store.current().may_start; }, "may start");
    CHECK(f.store.current().peers_file_problem.empty());
  });
}

TEST_CASE("beside a gate the file is written, and the gate stays as it is", "[peers_file]") {
  with_file([](written_file& f) -> awaitable<void> {
    CHECK(base::write_file_atomically(f.settings.path, "earlier\n").has_value());
    f.store.change(base::steady::now(), [](agent::snapshot& s) { s.gate_mode = true; });
    f.begin();
    f.peers({"rabbit@a"});
    co_await testing::poll_until([&] { return f.writer->counters().written == 1; }, "written");
    CHECK_FALSE(f.store.current().may_start);
  });
}
