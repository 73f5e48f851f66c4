#include "base/file.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

#include <sys/stat.h>

using namespace warren;
using namespace boost::system;

TEST_CASE("a file is read whole, up to the limit") {
  const testing::temporary_folder folder;
  const std::string text(10000, 'x');
  folder.write("a", text);
  CHECK(*base::read_file(folder / "a", 10000) == text);
  const auto longer = base::read_file(folder / "a", 9999);
  REQUIRE(longer.has_error());
  CHECK(longer.error().code == errc::file_too_large);
  folder.write("empty", "");
  CHECK(base::read_file(folder / "empty", 0)->empty());
}

TEST_CASE("a file that cannot be read is named with the cause") {
  const testing::temporary_folder folder;
  const auto missing = base::read_file(folder / "a", 10);
  REQUIRE(missing.has_error());
  CHECK(missing.error().code == errc::no_such_file_or_directory);
  CHECK(missing.error().detail == (folder / "a"));
  CHECK(base::read_file(folder.path(), 10).error().code == errc::is_a_directory);
}

TEST_CASE("a fifo in a file's place does not hang the reader") {
  const testing::temporary_folder folder;
  REQUIRE(::mkfifo((folder / "a").c_str(), 0600) == 0);
  CHECK(base::read_file(folder / "a", 10)->empty());
}

TEST_CASE("a file is replaced in one step and leaves no draft behind") {
  const testing::temporary_folder folder;
  folder.write("a", "old");
  REQUIRE(base::write_file_atomically(folder / "a", "new").has_value());
  CHECK(*base::read_file(folder / "a", 10) == "new");
  CHECK(folder.entries() == 1);
  struct stat status{};
  REQUIRE(::stat((folder / "a").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0644);
}

TEST_CASE("one who has the old file open keeps the old text") {
  const testing::temporary_folder folder;
  folder.write("a", "old");
  REQUIRE(::link((folder / "a").c_str(), (folder / "held").c_str()) == 0);
  REQUIRE(base::write_file_atomically(folder / "a", "new").has_value());
  CHECK(*base::read_file(folder / "held", 10) == "old");
}

TEST_CASE("a write that fails says where, keeps what is there and leaves no draft behind") {
  const testing::temporary_folder folder;
  const auto no_folder = base::write_file_atomically(folder / "none/a", "x");
  REQUIRE(no_folder.has_error());
  CHECK(no_folder.error().code == errc::no_such_file_or_directory);
  folder.write("a/b", "old");  // a folder where the file should go
  CHECK(base::write_file_atomically(folder / "a", "x").has_error());
  CHECK(*base::read_file(folder / "a/b", 10) == "old");
  CHECK(folder.entries() == 1);
}

TEST_CASE("a durable write replaces the file in one step too, and says where it failed") {
  const testing::temporary_folder folder;
  folder.write("a", "old");
  REQUIRE(base::write_file_durably(folder / "a", "new").has_value());
  CHECK(*base::read_file(folder / "a", 10) == "new");
  CHECK(folder.entries() == 1);
  folder.write("b/c", "old");  // a folder where the file should go
  CHECK(base::write_file_durably(folder / "b", "x").has_error());
  CHECK(base::write_file_durably(folder / "none/a", "x").error().code ==
        errc::no_such_file_or_directory);
  CHECK(folder.entries() == 2);
}

TEST_CASE("a program of any size is copied over another in one step, and everybody may run it") {
  const testing::temporary_folder folder;
  const std::string text(200000, 'x');
  folder.write("from", text);
  folder.write("to/warren", "old");
  REQUIRE(::link((folder / "to/warren").c_str(), (folder / "held").c_str()) == 0);
  REQUIRE(base::copy_program_durably(folder / "from", folder / "to/warren").has_value());
  CHECK(*base::read_file(folder / "to/warren", text.size()) == text);
  CHECK(*base::read_file(folder / "held", 10) == "old");
  struct stat status{};
  REQUIRE(::stat((folder / "to/warren").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0755);
  REQUIRE(::unlink((folder / "to/warren").c_str()) == 0);
  CHECK(::rmdir((folder / "to").c_str()) == 0);  // no draft is left in it
}

TEST_CASE("a copy that fails says of which file, keeps what is there and leaves no draft behind") {
  const testing::temporary_folder folder;
  folder.write("to", "old");
  CHECK(base::copy_program_durably(folder / "none", folder / "to").error().detail ==
        (folder / "none"));
  // A folder can be opened, but not read.
  CHECK(base::copy_program_durably(folder.path(), folder / "to").error().detail == folder.path());
  CHECK(*base::read_file(folder / "to", 10) == "old");
  CHECK(base::copy_program_durably(folder / "to", folder / "none/to").error().code ==
        errc::no_such_file_or_directory);
  CHECK(folder.entries() == 1);
}

TEST_CASE("a folder that is not there cannot be synced") {
  const testing::temporary_folder folder;
  CHECK(base::sync_folder(folder.path()).has_value());
  CHECK(base::sync_folder("").has_value());  // where the process is
  CHECK(base::sync_folder(folder / "none").error().code == errc::no_such_file_or_directory);
}

TEST_CASE("a draft is hidden and comes before the file in the order of names") {
  CHECK(base::draft_of("/etc/conf.d/90-a.conf") == "/etc/conf.d/.90-a.conf.new.");
  CHECK(base::draft_of("a") == ".a.new.");
}
