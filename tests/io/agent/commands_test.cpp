#include "agent/commands/commands.hpp"

#include "agent/listen.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/run_in_child.hpp"

#include <cstdlib>

using namespace warren;

namespace {

testing::child_outcome warren_command(const std::vector<std::string>& arguments) {
  return testing::run_in_child([&] {
    ::clearenv();  // the build has WARREN_ variables of its own
    ::setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1", 1);
    ::setenv("POD_NAMESPACE", "default", 1);
    return agent::run_command_line(arguments);
  });
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an unknown command or none lists the commands on stderr") {
  const auto arguments =
      GENERATE(std::vector<std::string>{}, std::vector<std::string>{"nonsense", "--help"});
  const auto outcome = warren_command(arguments);
  CHECK(outcome.code == 64);
  CHECK(outcome.out.empty());
  for (const agent::command& known : agent::commands()) {
    CHECK(has(outcome.err, "  " + std::string(known.name) + ' '));
  }
}

TEST_CASE("help and version go to stdout") {
  CHECK(has(warren_command({"--help"}).out, "usage: warren COMMAND"));
  CHECK(warren_command({"version"}).out == "warren " WARREN_VERSION "\n");
  const auto outcome = warren_command({"agent", "--help"});
  CHECK(outcome.code == 0);
  CHECK(has(outcome.out, "--listen"));
}

TEST_CASE("every problem of a bad configuration is named before anything starts") {
  const auto outcome =
      warren_command({"agent", "--listen", "nowhere", "--epmd-port", "0", "--nonsense"});
  CHECK(outcome.code == 78);
  CAPTURE(outcome.err);
  CHECK(has(outcome.err, "--listen"));
  CHECK(has(outcome.err, "--epmd-port"));
  CHECK(has(outcome.err, "--nonsense"));
}

TEST_CASE("an agent whose port is taken ends at once and says which") {
  const auto taken = agent::open_listener("127.0.0.1", 0);
  REQUIRE(taken.has_value());
  const std::string address = "127.0.0.1:" + std::to_string(agent::local_port(*taken));
  const auto outcome = warren_command({"agent", "--listen", address});
  CHECK(outcome.code == 71);
  CHECK(has(outcome.err, address));
}

TEST_CASE("peers without an agent names the address and ends with 69") {
  std::string address;
  {
    const auto closed = agent::open_listener("127.0.0.1", 0);
    REQUIRE(closed.has_value());
    address = "127.0.0.1:" + std::to_string(agent::local_port(*closed));
  }
  const auto outcome = warren_command({"peers", "--agent", address});
  CHECK(outcome.code == 69);
  CHECK(has(outcome.err, address));
}

TEST_CASE("peers with an option that does not exist ends with 64") {
  const auto arguments = GENERATE(std::vector<std::string>{"peers", "--output", "xml"},
                                  std::vector<std::string>{"peers", "--nonsense"},
                                  std::vector<std::string>{"peers", "--agent", "not:a:port"});
  const auto outcome = warren_command(arguments);
  CHECK(outcome.code == 64);
  CHECK(has(outcome.err, "warren peers: "));
}
