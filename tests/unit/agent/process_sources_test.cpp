#include "agent/settings.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

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
  REQUIRE(::unsetenv("WARREN_TEST_VARIABLE") == 0);
  CHECK(sources.variable("WARREN_TEST_VARIABLE") == std::nullopt);
  CHECK_FALSE(sources.host_name.empty());
  CHECK(sources.arguments == std::vector<std::string>{"--x"});
}
