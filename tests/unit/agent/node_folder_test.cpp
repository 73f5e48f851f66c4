#include "agent/node_folder.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

#include <filesystem>
#include <initializer_list>

using namespace warren;
using agent::folder_content;

// What lies in the folders was listed on real brokers; in a name that ends with '/' there is
// nothing.
namespace {

const std::string member = "coordination/rabbit@rmq-0/RABBIT25L8ALC57DJ9/";
const std::string queue_replica = "quorum/rabbit@rmq-0/2F_QVM0K3YS0AWL4/config";

void put(const testing::temporary_folder& folder, std::initializer_list<std::string> names) {
  for (const std::string& name : names) {
    if (name.ends_with('/')) {
      std::filesystem::create_directories(folder / name);
    } else {
      folder.write(name, "x");
    }
  }
}

folder_content content(std::initializer_list<std::string> names) {
  const testing::temporary_folder folder;
  put(folder, names);
  return *agent::look_at_node_folder(folder.path());
}

void coordinator(const testing::temporary_folder& folder, const std::string& uid) {
  folder.write("coordination/rabbit@rmq-0/" + uid + "/config",
               "#{id => {rabbit_stream_coordinator,'rabbit@rmq-0'},\n"
               "  machine => {module,rabbit_stream_coordinator,#{}}}.\n");
}

}  // namespace

TEST_CASE("a folder that is not there, or has nothing in it, is virgin") {
  const testing::temporary_folder folder;
  CHECK(*agent::look_at_node_folder(folder / "rabbit@rmq-0") == folder_content::virgin);
  CHECK(*agent::look_at_node_folder(folder.path()) == folder_content::virgin);
}

TEST_CASE("3.10 that was ended while it looked for peers is virgin") {
  CHECK(content({"cluster_nodes.config", "nodes_running_at_shutdown",
                 "coordination/rabbit@rmq-0/00000001.wal", "coordination/rabbit@rmq-0/meta.dets",
                 "coordination/rabbit@rmq-0/names.dets", "quorum/rabbit@rmq-0/00000001.wal"}) ==
        folder_content::virgin);
}

TEST_CASE("3.10 and 4.0 that were ended while they wrote their first file are virgin") {
  CHECK(content({"cluster_nodes.config.tmp"}) == folder_content::virgin);
  CHECK(content({"cluster_nodes.config", "nodes_running_at_shutdown.tmp"}) ==
        folder_content::virgin);
}

TEST_CASE("3.10 and 4.0 after a reset are virgin") {
  CHECK(content({"cluster_nodes.config", "nodes_running_at_shutdown"}) == folder_content::virgin);
}

TEST_CASE(
    "the metadata store's Raft member may hold a database: 4.0 and 4.3 while they look for peers") {
  CHECK(content({"cluster_nodes.config", "nodes_running_at_shutdown", member,
                 "quorum/rabbit@rmq-0/00000001.wal"}) == folder_content::unfinished);
  CHECK(content({member + "config", "quorum/rabbit@rmq-0/0000000000000001.wal",
                 "rabbitmq_metadata/"}) == folder_content::unfinished);
}

TEST_CASE("Mnesia's files are data, and a first boot that never got to the vhost is told apart") {
  CHECK(content({"cluster_nodes.config", "nodes_running_at_shutdown", "schema.DAT"}) ==
        folder_content::unfinished);
  CHECK(content({"LATEST.LOG", "cluster_nodes.config", "schema.DAT", "rabbit_vhost.DCD",
                 "rabbit_serial"}) == folder_content::data);
  CHECK(content({"schema.DAT", "msg_stores/vhosts/"}) == folder_content::data);
}

TEST_CASE("4.3 that has booted has data") {
  CHECK(content({member + "config", "msg_stores/vhosts/628WB79CIFDYO9LJI6DKMI09L/.vhost",
                 "quorum/rabbit@rmq-0/meta.dets", "rabbit_serial", "rabbitmq_metadata/"}) ==
        folder_content::data);
}

TEST_CASE(
    "4.0 that was moved to Khepri while it ran has data, though Mnesia's test passes over it") {
  CHECK(content({member + "config", "msg_stores/vhosts/628WB79CIFDYO9LJI6DKMI09L/",
                 "quorum/rabbit@rmq-0/meta.dets"}) == folder_content::data);
}

TEST_CASE("with Khepri a reset leaves the queues' files: that is virgin") {
  const testing::temporary_folder folder;
  put(folder, {"coordination/rabbit@rmq-0/0000000000000005.wal",
               "msg_stores/vhosts/628WB79CIFDYO9LJI6DKMI09L/.vhost", queue_replica,
               "stream/__s_1795500184701211130/", "rabbitmq_metadata/"});
  coordinator(folder, "RABBITJZCRR5C2L5BT");
  CHECK(*agent::look_at_node_folder(folder.path()) == folder_content::virgin);
  SECTION("but not where the store's member is still there") {
    put(folder, {member});
    CHECK(*agent::look_at_node_folder(folder.path()) == folder_content::data);
  }
  SECTION("nor where rabbit_serial is: then the store was lost, not reset") {
    put(folder, {"rabbit_serial"});
    CHECK(*agent::look_at_node_folder(folder.path()) == folder_content::data);
  }
}

TEST_CASE("queues without a database are data where there has never been Khepri") {
  CHECK(content({"cluster_nodes.config", queue_replica}) == folder_content::data);
  CHECK(content({"stream/__s_1795500184701211130/"}) == folder_content::data);
  CHECK(content({"msg_stores/"}) == folder_content::data);
  const testing::temporary_folder folder;
  coordinator(folder, "RABBITJZCRR5C2L5BT");
  CHECK(*agent::look_at_node_folder(folder.path()) != folder_content::virgin);
}

TEST_CASE("any name that no broker passes over is data") {
  for (const char* name : {"lost+found/", ".nfs0001", "rabbit_serial", "schema_version", "x"}) {
    CAPTURE(name);
    CHECK(content({"cluster_nodes.config", name}) != folder_content::virgin);
  }
}

TEST_CASE("a node folder that is none, or a link to nowhere, cannot be judged") {
  const testing::temporary_folder folder;
  folder.write("file", "");
  const auto file = agent::look_at_node_folder(folder / "file");
  REQUIRE(file.has_error());
  CHECK(file.error().text().starts_with("cannot look at " + (folder / "file") + " ("));
  std::filesystem::create_symlink("nowhere", folder / "link");
  const auto link = agent::look_at_node_folder(folder / "link");
  REQUIRE(link.has_error());
  CHECK(link.error().text() ==
        "cannot look at " + (folder / "link") +
            " (it is a link to nowhere: mend or remove it): No such file or directory");
}
