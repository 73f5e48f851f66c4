#include "agent/settings.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <unistd.h>

using namespace warren;

TEST_CASE("conf.d beside rabbitmq.conf is read behind it, in sort order, *.conf alone") {
  const testing::temporary_folder folder;
  folder.write("rabbitmq.conf", "a = 1");
  folder.write("conf.d/20-b.conf", "a = 3");
  folder.write("conf.d/10-a.conf", "a = 2");
  folder.write("conf.d/README", "a = 4");
  const auto conf = agent::process_sources({}).conf(folder / "rabbitmq.conf");
  CHECK(conf.failures.empty());
  REQUIRE(conf.files.size() == 3);
  CHECK(conf.files[0].path == (folder / "rabbitmq.conf"));
  CHECK(conf.files[0].text == "a = 1");
  CHECK(conf.files[1].path == (folder / "conf.d/10-a.conf"));
  CHECK(conf.files[2].path == (folder / "conf.d/20-b.conf"));
}

TEST_CASE("without rabbitmq.conf conf.d is read all the same, and the failure is told") {
  const testing::temporary_folder folder;
  folder.write("conf.d/10.conf", "a = 2");
  const auto conf = agent::process_sources({}).conf(folder / "rabbitmq.conf");
  CHECK(conf.files.size() == 1);
  REQUIRE(conf.failures.size() == 1);
  CHECK(conf.failures[0].detail == (folder / "rabbitmq.conf"));
}

TEST_CASE("without conf.d there is no failure") {
  const testing::temporary_folder folder;
  folder.write("rabbitmq.conf", "a = 1");
  CHECK(agent::process_sources({}).conf(folder / "rabbitmq.conf").failures.empty());
}

TEST_CASE("variables and host name are those of the process") {
  REQUIRE(::setenv("WARREN_TEST_VARIABLE", "here", 1) == 0);
  const auto sources = agent::process_sources({"--x"});
  CHECK(sources.variable("WARREN_TEST_VARIABLE") == "here");
  CHECK(std::ranges::find(sources.variables, "WARREN_TEST_VARIABLE") != sources.variables.end());
  REQUIRE(::unsetenv("WARREN_TEST_VARIABLE") == 0);
  CHECK(sources.variable("WARREN_TEST_VARIABLE") == std::nullopt);
  CHECK_FALSE(sources.host_name.empty());
  CHECK(sources.arguments == std::vector<std::string>{"--x"});
}

TEST_CASE("the own addresses are few, and not those that every machine has") {
  const auto sources = agent::process_sources({});
  CHECK(sources.own_addresses.size() <= 8);
  for (const std::string& address : sources.own_addresses) {
    CAPTURE(address);
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    const int family = address.find(':') == std::string::npos ? AF_INET : AF_INET6;
    CHECK(::inet_pton(family, address.c_str(), bytes.data()) == 1);
    CHECK_FALSE(address.starts_with("127."));
    CHECK_FALSE(address.starts_with("fe80"));
    CHECK(address != "::1");
  }
}
