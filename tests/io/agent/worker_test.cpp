#include "agent/worker.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/run_in_child.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/settings_of.hpp"

#include <fcntl.h>

using namespace warren;

TEST_CASE("P4: a task that breaks is named in the log and ends the worker with an error") {
  const testing::scratch_folder folder;
  const auto outcome = testing::run_in_child([&] {
    agent::worker_context context;
    // A link to the guard that cannot be watched: no epoll takes a regular file.
    context.link = base::descriptor(::open(folder.file("link").c_str(), O_RDWR | O_CREAT, 0600));
    const std::string account = folder.file("account");
    return agent::run_worker(
        testing::settings_of({.arguments = {"--api-server", "http://127.0.0.1:9", "--pod-namespace",
                                            "default", "--token-path", account}}),
        std::move(context));
  });
  CAPTURE(outcome.err);
  CHECK(outcome.code == 70);
  CHECK(outcome.err.find("error: the task 'watch the guard' broke: ") != std::string::npos);
}
