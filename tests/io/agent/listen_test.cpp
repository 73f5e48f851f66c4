#include "agent/listen.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/guard_process.hpp"

using namespace warren;

TEST_CASE("the default address takes IPv4 as well") {
  const auto listener = agent::open_listener("::", 0);
  REQUIRE(listener.has_value());
  CHECK(testing::can_connect(agent::local_port(*listener)));
}

TEST_CASE("a port in use is named with the cure") {
  const auto first = agent::open_listener("127.0.0.1", 0);
  REQUIRE(first.has_value());
  const std::uint16_t port = agent::local_port(*first);
  const auto second = agent::open_listener("127.0.0.1", port);
  REQUIRE(second.has_error());
  CHECK(second.error().code == boost::system::errc::address_in_use);
  const std::string text = second.error().text();
  CAPTURE(text);
  CHECK(text.find("127.0.0.1:" + std::to_string(port)) != std::string::npos);
  CHECK(text.find("--listen") != std::string::npos);
}

TEST_CASE("what is no address or not this machine's is refused with its name") {
  const std::string address =
      GENERATE(as<std::string>{}, "localhost", "", "300.1.1.1", "192.0.2.1");
  const auto listener = agent::open_listener(address, 0);
  REQUIRE(listener.has_error());
  CHECK(listener.error().text().find("cannot listen on " + address) == 0);
}
