#include "agent/data_folder.hpp"

#include "agent/mark_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/run_in_child.hpp"
#include "tests/support/temporary_folder.hpp"

#include <filesystem>
#include <iostream>
#include <sys/stat.h>
#include <unistd.h>

using namespace warren;
using domain::knowledge;

namespace {

const std::string own = "rabbit@rmq-0";

domain::disk_view look(const std::string& data_dir) {
  return agent::look_at_data(data_dir, own);
}

// Looks as a user without rights, which root is not.
struct seen {
  std::string has_data;
  std::string detail;
};
seen look_without_rights(const testing::temporary_folder& volume, const std::string& data_dir) {
  ::chmod(volume.path().c_str(), 0755);
  const auto outcome = testing::run_in_child([&] {
    if (::geteuid() == 0 && ::setuid(65534) != 0) return 1;
    const auto view = look(data_dir);
    std::cout << name(view.has_data) << "\n" << view.detail;
    return 0;
  });
  REQUIRE(outcome.code == 0);
  const std::size_t end = outcome.out.find('\n');
  return {outcome.out.substr(0, end), outcome.out.substr(end + 1)};
}

}  // namespace

TEST_CASE("an empty data folder holds no data") {
  const testing::temporary_folder data_dir;
  CHECK(look(data_dir.path()) == domain::disk_view{.has_data = knowledge::no});
}

TEST_CASE("on a fresh volume the data folder is not there yet: no data") {
  const testing::temporary_folder volume;
  CHECK(look(volume / "mnesia") == domain::disk_view{.has_data = knowledge::no});
  CHECK(look(volume / "mnesia/") == domain::disk_view{.has_data = knowledge::no});
}

TEST_CASE("without the data folder and the folder above it the volume was not mounted: unknown") {
  const testing::temporary_folder volume;
  const auto view = look(volume / "rabbitmq/mnesia");
  CHECK(view.has_data == knowledge::unknown);
  CHECK(view.detail == "cannot look at " + (volume / "rabbitmq/mnesia") + " (nor is there " +
                           (volume / "rabbitmq") +
                           ": mount the broker's data volume at the same path for the agent, or "
                           "set --data-dir): No such file or directory");
}

TEST_CASE("data of the own node is told from that of others") {
  const testing::temporary_folder data_dir;
  data_dir.write("rabbit@rmq-0/schema.DAT", "");
  data_dir.write("rabbit@rmq-0/rabbit_serial", "");
  data_dir.write("rabbit@rmq-0-feature_flags", "");
  data_dir.write("rabbit@rmq-0.pid", "");
  data_dir.write("rabbit@rmq-0-plugins-expand/a/b", "");
  data_dir.write("lost+found/x", "");
  CHECK(look(data_dir.path()) == domain::disk_view{.has_data = knowledge::yes, .has_tables = true});
  data_dir.write("rabbit@rmq-0.rmq.lab/schema.DAT", "");
  data_dir.write("hare@old/schema.DAT", "");
  data_dir.write("rabbit@virgin/cluster_nodes.config", "");
  CHECK(look(data_dir.path()) ==
        domain::disk_view{.has_data = knowledge::yes,
                          .has_tables = true,
                          .other_nodes = {"hare@old", "rabbit@rmq-0.rmq.lab"}});
}

TEST_CASE("data of another node alone leaves the own one virgin") {
  const testing::temporary_folder data_dir;
  data_dir.write("hare@old/schema.DAT", "");
  CHECK(look(data_dir.path()) ==
        domain::disk_view{.has_data = knowledge::no, .other_nodes = {"hare@old"}});
}

TEST_CASE("what an unfinished first boot has left is data, and told as such") {
  const testing::temporary_folder data_dir;
  data_dir.write("rabbit@rmq-0/schema.DAT", "");
  CHECK(look(data_dir.path()) ==
        domain::disk_view{.has_data = knowledge::yes, .unfinished = true, .has_tables = true});
}

TEST_CASE("a mark does not make a virgin folder one with data") {
  const testing::temporary_folder volume;
  const domain::mark mark{.node = own, .state = domain::mark_state::founding};
  REQUIRE(agent::write_mark(volume / "mnesia", mark).has_value());
  CHECK(look(volume / "mnesia") == domain::disk_view{.has_data = knowledge::no, .mark = mark});
}

TEST_CASE("the mark of another node is reported and not taken") {
  const testing::temporary_folder data_dir;
  REQUIRE(agent::write_mark(data_dir.path(), {.node = "hare@old"}).has_value());
  data_dir.write("hare@old/schema.DAT", "");
  CHECK(look(data_dir.path()) ==
        domain::disk_view{.has_data = knowledge::no, .other_nodes = {"hare@old"}});
}

TEST_CASE("a damaged mark may be a member's: unknown, with or without data") {
  const testing::temporary_folder data_dir;
  data_dir.write(".warren-mark.json", "{");
  CHECK(look(data_dir.path()).has_data == knowledge::unknown);
  data_dir.write("rabbit@rmq-0/schema.DAT", "");
  const auto view = look(data_dir.path());
  CHECK(view.has_data == knowledge::unknown);
  CHECK(view.detail.starts_with("cannot") == false);
  CHECK(view.detail.find(".warren-mark.json") != std::string::npos);
}

TEST_CASE("what is no folder cannot be judged") {
  const testing::temporary_folder volume;
  volume.write("mnesia", "");
  CHECK(look(volume / "mnesia").has_data == knowledge::unknown);
  volume.write("data/rabbit@rmq-0", "");
  const auto view = look(volume / "data");
  CHECK(view.has_data == knowledge::unknown);
  CHECK(view.detail.starts_with("cannot look at " + (volume / "data/rabbit@rmq-0") + " ("));
}

TEST_CASE("a link to nowhere is not a fresh volume") {
  const testing::temporary_folder volume;
  std::filesystem::create_symlink("nowhere", volume / "mnesia");
  CHECK(look(volume / "mnesia").has_data == knowledge::unknown);
  std::filesystem::create_directory(volume / "nowhere");
  CHECK(look(volume / "mnesia").has_data == knowledge::no);
}

TEST_CASE("what the agent's user may not read is unknown, and the cure is told") {
  const testing::temporary_folder volume;
  const std::string data_dir = volume / "mnesia";
  volume.write("mnesia/rabbit@rmq-0/coordination/rabbit@rmq-0/meta.dets", "");
  volume.write("mnesia/hare@old/schema.DAT", "");
  CHECK(look_without_rights(volume, data_dir).has_data == "no");
  for (const std::string& closed :
       {data_dir, data_dir + "/rabbit@rmq-0", data_dir + "/rabbit@rmq-0/coordination",
        data_dir + "/rabbit@rmq-0/coordination/rabbit@rmq-0", data_dir + "/hare@old"}) {
    CAPTURE(closed);
    REQUIRE(::chmod(closed.c_str(), 0700) == 0);
    const auto seen = look_without_rights(volume, data_dir);
    CHECK(seen.has_data == "unknown");
    CHECK(seen.detail == "cannot look at " + closed +
                             " (the agent's user must be able to read the broker's data volume, as "
                             "fsGroup makes it): Permission denied");
    REQUIRE(::chmod(closed.c_str(), 0755) == 0);
  }
}

TEST_CASE("a data folder that could not be made is unknown") {
  const testing::temporary_folder volume;
  const auto seen = look_without_rights(volume, volume / "mnesia");
  CHECK(seen.has_data == "unknown");
  CHECK(
      seen.detail.starts_with("cannot look at " + (volume / "mnesia") + " (it is not there, and "));
}
