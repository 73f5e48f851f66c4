#include "agent/mark_file.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

#include <filesystem>
#include <sys/stat.h>

using namespace warren;
using namespace boost::system;

namespace {

const domain::mark joining{.node = "rabbit@rmq-1",
                           .state = domain::mark_state::joining,
                           .cluster_id = "rabbitmq-cluster-id-x",
                           .target = "rabbit@rmq-0"};

std::string with(std::string_view state) {
  return R"({"schema":1,"node":"rabbit@rmq-1","state":")" + std::string(state) + R"("})";
}

}  // namespace

TEST_CASE("a mark is the same after encoding and decoding, in every state") {
  for (const auto state :
       {domain::mark_state::founding, domain::mark_state::joining, domain::mark_state::member}) {
    domain::mark mark = joining;
    mark.state = state;
    CHECK(*agent::decode_mark(agent::encode(mark)) == mark);
  }
}

TEST_CASE("what is not known yet may be absent from a mark") {
  const auto mark = agent::decode_mark(with("founding"));
  REQUIRE(mark.has_value());
  CHECK(mark->cluster_id.empty());
  CHECK(mark->target.empty());
}

TEST_CASE("bytes that are no mark fail and say why") {
  for (const std::string& bytes :
       {std::string(), std::string("{"), std::string("null"), std::string("[]"), std::string("{}"),
        std::string(4096, ' ') + with("member"), with("married"), with(""),
        std::string(R"({"schema":2,"node":"rabbit@a","state":"member"})"),
        std::string(R"({"schema":"1","node":"rabbit@a","state":"member"})"),
        std::string(R"({"schema":1,"state":"member"})"),
        std::string(R"({"schema":1,"node":"","state":"member"})"),
        std::string(R"({"schema":1,"node":7,"state":"member"})"),
        std::string(R"({"schema":1,"node":"rabbit@a"})"),
        std::string(R"({"schema":1,"node":"rabbit@a","state":"member","target":null})"),
        std::string(R"({"schema":1,"node":"rabbit@a","state":"member","cluster_id":[]})"),
        agent::encode(joining).substr(0, 50)}) {
    CAPTURE(bytes);
    const auto mark = agent::decode_mark(bytes);
    REQUIRE(mark.has_error());
    CHECK(mark.error().code == errc::bad_message);
    CHECK_FALSE(mark.error().detail.empty());
  }
}

TEST_CASE("a volume without a mark, or without the folder, has none") {
  const testing::temporary_folder volume;
  CHECK_FALSE(*agent::read_mark(volume.path()));
  CHECK_FALSE(*agent::read_mark(volume / "mnesia"));
}

TEST_CASE("a mark makes its folder, writable for the group, and is read back") {
  const testing::temporary_folder volume;
  const std::string data_dir = volume / "mnesia";
  const ::mode_t before = ::umask(077);
  const auto written = agent::write_mark(data_dir, joining);
  ::umask(before);
  REQUIRE(written.has_value());
  CHECK(**agent::read_mark(data_dir) == joining);
  struct stat status{};
  REQUIRE(::stat(data_dir.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 02775);
}

TEST_CASE("a mark leaves the rights of a folder that is there alone and replaces the last mark") {
  const testing::temporary_folder data_dir;
  REQUIRE(::chmod(data_dir.path().c_str(), 0700) == 0);
  REQUIRE(agent::write_mark(data_dir.path(), joining).has_value());
  domain::mark member = joining;
  member.state = domain::mark_state::member;
  REQUIRE(agent::write_mark(data_dir.path(), member).has_value());
  CHECK(**agent::read_mark(data_dir.path()) == member);
  CHECK(data_dir.entries() == 1);
  struct stat status{};
  REQUIRE(::stat(data_dir.path().c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0700);
}

TEST_CASE("a mark that is damaged or cannot be read is not taken for none") {
  const testing::temporary_folder data_dir;
  const std::string path = data_dir / ".warren-mark.json";
  const auto fails = [&] {
    const auto mark = agent::read_mark(data_dir.path());
    REQUIRE(mark.has_error());
    CHECK(mark.error().detail.starts_with(path +
                                          ", Warren's mark of what this node is on its way to "));
    return mark.error().code;
  };
  data_dir.write(".warren-mark.json", "");  // the disk was full
  CHECK(fails() == errc::bad_message);
  data_dir.write(".warren-mark.json", std::string(5000, '{'));
  CHECK(fails() == errc::file_too_large);
  std::filesystem::remove(path);
  std::filesystem::create_symlink("nowhere", path);
  CHECK(fails() == errc::no_such_file_or_directory);
  std::filesystem::remove(path);
  std::filesystem::create_directory(path);
  CHECK(fails() == errc::is_a_directory);
}

TEST_CASE("a mark that cannot be written says where and how to cure it") {
  const testing::temporary_folder volume;
  volume.write("mnesia", "a file");
  for (const char* data_dir : {"mnesia", "none/mnesia"}) {
    const auto written = agent::write_mark(volume / data_dir, joining);
    REQUIRE(written.has_error());
    CHECK(written.error().detail ==
          (volume / data_dir) +
              "/.warren-mark.json (the agent's user must be able to write to that "
              "folder, as fsGroup makes it)");
  }
}
