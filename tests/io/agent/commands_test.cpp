#include "agent/commands/commands.hpp"

#include "agent/admin_socket.hpp"
#include "agent/listen.hpp"
#include "http/server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/run_in_child.hpp"
#include "tests/support/scratch_folder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <cstdlib>
#include <map>
#include <stdexcept>
#include <thread>

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

namespace {

struct canned {
  int status = 200;
  std::string body;
};

// Runs a command beside an agent that answers as given, on an admin socket and on a port.
testing::child_outcome beside_an_agent(const std::map<std::string, canned>& answers,
                                       std::vector<std::string> arguments) {
  const testing::scratch_folder folder;
  const std::string path = folder.file("admin.sock");
  auto admin = agent::open_admin_socket(path);
  auto tcp = agent::open_listener("127.0.0.1", 0);
  if (!admin || !tcp) throw std::runtime_error("cannot listen");
  const std::string address = "127.0.0.1:" + std::to_string(agent::local_port(*tcp));
  for (std::string& a : arguments) {
    if (a == "SOCKET") a = path;
    if (a == "ADDRESS") a = address;
  }
  return testing::run_in_child([&] {
    ::clearenv();
    async::asio::io_context context;
    http::server_settings settings;
    settings.limits.post = true;
    http::server server(
        context.get_executor(),
        [&](const http::request& asked) -> async::awaitable<http::reply> {
          std::string key = std::string(http::to_string(asked.verb)) + " " + asked.path;
          if (const auto node = asked.parameter("node")) key += "?" + std::string(*node);
          const auto known = answers.find(key);
          http::reply r;
          r.status = known == answers.end() ? 404 : known->second.status;
          r.body = known == answers.end() ? key : known->second.body;
          co_return r;
        },
        settings);
    server.add_listener(admin->release());
    server.add_listener(tcp->release());
    async::asio::co_spawn(context, server.run(), async::asio::detached);
    std::thread serving([&] { context.run(); });
    const int code = agent::run_command_line(arguments);
    async::asio::post(context, [&] { server.stop(); });
    serving.join();
    return code;
  });
}

using arguments = std::vector<std::string>;

}  // namespace

TEST_CASE("gate show prints what the agent says") {
  const auto outcome = beside_an_agent(
      {{"GET /v1/gate", {200, R"({"formation":"gate","reason":"waiting for rabbit@b"})"}}},
      {"gate", "show", "--admin-socket", "SOCKET"});
  CHECK(outcome.code == 0);
  CHECK(has(outcome.out, "waiting for rabbit@b"));
}

TEST_CASE("gate found and join only say what they would do until --yes is given") {
  const std::map<std::string, canned> answers{
      {"GET /v1/gate/found", {200, "it founds a cluster\n"}},
      {"POST /v1/gate/found", {202, "it founds a cluster\n"}},
      {"GET /v1/gate/join?rabbit@b", {200, "it joins\n"}},
      {"POST /v1/gate/join?rabbit@b", {202, "it joins\n"}}};
  auto outcome = beside_an_agent(answers, {"gate", "found", "--admin-socket", "SOCKET"});
  CHECK(outcome.code == 64);
  CHECK(outcome.err == "warren gate: this would happen: it founds a cluster; --yes does it\n");
  outcome = beside_an_agent(answers, {"gate", "found", "--yes", "--admin-socket", "SOCKET"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "it founds a cluster\n");
  outcome = beside_an_agent(answers, {"gate", "join", "rabbit@b", "--admin-socket", "SOCKET"});
  CHECK(outcome.code == 64);
  outcome =
      beside_an_agent(answers, {"gate", "join", "rabbit@b", "--yes", "--admin-socket", "SOCKET"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "it joins\n");
}

TEST_CASE("an order that is refused says why and ends with 77") {
  const auto outcome = beside_an_agent({{"POST /v1/gate/found", {409, "the gate is open\n"}}},
                                       {"gate", "found", "--yes", "--admin-socket", "SOCKET"});
  CHECK(outcome.code == 77);
  CHECK(outcome.err == "warren gate: refused: the gate is open\n");
}

TEST_CASE("gate without an agent names the socket, and nonsense is refused") {
  const auto none = warren_command({"gate", "show", "--admin-socket", "/nowhere/admin.sock"});
  CHECK(none.code == 69);
  CHECK(has(none.err, "/nowhere/admin.sock"));
  CHECK(has(none.err, "--admin-socket"));
  for (const arguments& wrong :
       {arguments{"gate"}, arguments{"gate", "open"}, arguments{"gate", "join"},
        arguments{"gate", "join", "b", "--yes"}, arguments{"gate", "join", "rabbit@b;c"}}) {
    const auto outcome = warren_command(wrong);
    CHECK(outcome.code == 64);
    CHECK(has(outcome.err, "warren gate: "));
  }
  CHECK(has(warren_command({"gate", "--help"}).out, "found"));
  CHECK(has(warren_command({"gate", "join", "--help"}).out, "--yes"));
}

TEST_CASE("status asks the own agent on either way, and the peers at their addresses") {
  const std::map<std::string, canned> answers{
      {"GET /agent/livez", {200, "ok\n"}},
      {"GET /v1/status", {200, R"({"schema":1,"node":"rabbit@a","broker":{"version":"4.3.6"}})"}},
      {"GET /v1/peers",
       {200, R"({"peers":[{"node":"rabbit@a","ready":true,"addresses":["127.0.0.1"]},
                          {"node":"rabbit@b","ready":false,"addresses":["127.0.0.1"]},
                          {"node":"rabbit@c","ready":false,"addresses":[]}]})"}}};
  for (const arguments& way : {arguments{"status", "--agent", "ADDRESS"},
                               arguments{"status", "--admin-socket", "SOCKET"}}) {
    const auto outcome = beside_an_agent(answers, way);
    CHECK(outcome.code == 0);
    CAPTURE(outcome.out);
    CHECK(has(outcome.out, "rabbit@a"));
    CHECK(has(outcome.out, "4.3.6"));
    CHECK(has(outcome.out, "  rabbit@c: it has no address\n"));
    if (way[1] == "--agent") CHECK(has(outcome.out, "  rabbit@b: the agent of rabbit@a answers"));
  }
}

TEST_CASE("status without an agent names its address, and of another server it says so") {
  const auto none =
      warren_command({"status", "--admin-socket", "/nowhere/admin.sock", "--agent", "127.0.0.1:1"});
  CHECK(none.code == 69);
  CHECK(has(none.err, "127.0.0.1:1"));
  const auto other = beside_an_agent(
      {{"GET /v1/status", {200, "<html>"}}, {"GET /v1/peers", {200, R"({"peers":[]})"}}},
      {"status", "--agent", "ADDRESS"});
  CHECK(other.code == 65);
  CHECK(warren_command({"status", "--output", "xml"}).code == 64);
  CHECK(warren_command({"status", "--agent", "not:a:port"}).code == 64);
}

TEST_CASE("render prints the settings in the form that is asked for, and its help has examples") {
  const auto env = warren_command({"render", "--service", "rmq"});
  CHECK(env.code == 0);
  CHECK(has(env.out, "export WARREN_SERVICE=rmq\n"));
  const auto yaml = warren_command({"render", "-o", "yaml", "--service=rmq", "--all"});
  CHECK(yaml.code == 0);
  CHECK(has(yaml.out, "  - name: WARREN_SERVICE\n    value: \"rmq\"\n"));
  CHECK(has(yaml.out, "WARREN_LISTEN"));
  const auto help = warren_command({"render", "--help"});
  CHECK(help.code == 0);
  CHECK(has(help.out, "Examples:"));
}

TEST_CASE("render names every problem of bad settings and ends with 78, of a bad option with 64") {
  const auto bad = warren_command({"render", "--service=?", "--epmd-port=0"});
  CHECK(bad.code == 78);
  CHECK(bad.out.empty());
  CHECK(has(bad.err, "--service=?: must be"));
  CHECK(has(bad.err, "--epmd-port=0: must be"));
  CHECK(warren_command({"render", "--output", "xml"}).code == 64);
}

TEST_CASE("install without a folder ends with 64, and with one that is not there says the cure") {
  CHECK(warren_command({"install"}).code == 64);
  CHECK(warren_command({"install", ""}).code == 64);
  const auto missing =
      warren_command({"install", "/no/such/folder", "--with-rabbitmq-diagnostics"});
  CHECK(missing.code == 71);
  CHECK(missing.out.empty());
  CHECK(has(missing.err, "warren install: /no/such/folder (mount the shared volume"));
  CHECK(has(warren_command({"install", "--help"}).out, "--with-rabbitmq-diagnostics"));
}
