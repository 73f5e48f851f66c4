#include "agent/door_file.hpp"

#include "agent/domain/doors.hpp"
#include "base/file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

#include <filesystem>

using namespace warren;
using namespace boost::system;

namespace {
const domain::door joining{
    .kind = domain::door_kind::seed, .target = "rabbit@rmq-0", .pod_uid = "uid-1"};
}  // namespace

TEST_CASE("a door that was written is read back, and the next one replaces it") {
  const testing::temporary_folder conf_d;
  CHECK_FALSE(*agent::read_door(conf_d.path()));
  REQUIRE(agent::write_door(conf_d.path(), joining, "rabbit@rmq-1").has_value());
  CHECK(**agent::read_door(conf_d.path()) == joining);
  CHECK(*base::read_file(conf_d / "90-warren.conf", 8192) ==
        domain::door_text(joining, "rabbit@rmq-1"));
  REQUIRE(agent::write_door(conf_d.path(), {}, "rabbit@rmq-1").has_value());
  CHECK(**agent::read_door(conf_d.path()) == domain::door{});
  CHECK(conf_d.entries() == 1);
}

TEST_CASE("what a killed agent has left of a door is removed with the next one") {
  const testing::temporary_folder conf_d;
  conf_d.write(".90-warren.conf.new.7", "cluster_formation.k8s.seed_node = rabbit@rmq-0");
  conf_d.write("10-mine.conf", "");
  REQUIRE(agent::write_door(conf_d.path(), joining, "rabbit@rmq-1").has_value());
  CHECK(conf_d.entries() == 2);
}

TEST_CASE("a conf.d without a door or none at all has no door") {
  const testing::temporary_folder folder;
  const auto door = agent::read_door(folder / "none");
  REQUIRE(door.has_value());
  CHECK_FALSE(*door);
}

TEST_CASE("a file of that name that Warren did not write is not taken for no door") {
  const testing::temporary_folder conf_d;
  conf_d.write("90-warren.conf", "cluster_formation.peer_discovery_backend = dns\n");
  const auto door = agent::read_door(conf_d.path());
  REQUIRE(door.has_error());
  CHECK(door.error().code == errc::bad_message);
  CHECK(door.error().detail == (conf_d / "90-warren.conf") +
                                   " was not written by Warren, which keeps that name for itself "
                                   "(rename or remove it)");
}

TEST_CASE("a link to nowhere is not taken for no door") {
  const testing::temporary_folder conf_d;
  std::filesystem::create_symlink("nowhere", conf_d / "90-warren.conf");
  CHECK(agent::read_door(conf_d.path()).has_error());
}

TEST_CASE("a door that cannot be written says where and how to cure it") {
  const testing::temporary_folder folder;
  folder.write("conf.d", "a file");
  const auto written = agent::write_door(folder / "conf.d", joining, "rabbit@rmq-1");
  REQUIRE(written.has_error());
  CHECK(written.error().code == errc::not_a_directory);
  CHECK(written.error().detail ==
        (folder / "conf.d") +
            "/90-warren.conf (mount conf.d as a volume that the broker's container and the agent "
            "share, writable for the agent's user, or set --conf-dir)");
}

TEST_CASE("a door with a name that cannot stand in the file is not written") {
  const testing::temporary_folder conf_d;
  domain::door bad = joining;
  bad.target = "rabbit@rmq-0\ncluster_formation.node_type = ram";
  CHECK(agent::write_door(conf_d.path(), bad, "rabbit@rmq-1").error().code ==
        errc::invalid_argument);
  CHECK(agent::write_door(conf_d.path(), joining, "rmq-1").has_error());
  CHECK(conf_d.entries() == 0);
}
