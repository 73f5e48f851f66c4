#include "agent/install.hpp"

#include "base/file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/run_in_child.hpp"
#include "tests/support/temporary_folder.hpp"

#include <iostream>
#include <sys/stat.h>

using namespace warren;
namespace fs = std::filesystem;
namespace errc = boost::system::errc;

namespace {

// A program to install, and the volume that it goes to.
struct volume : testing::temporary_folder {
  volume() {
    write("program", "new");
    fs::create_directory(path() / "tools");
  }
  [[nodiscard]] base::result<void> install(bool link) const {
    return agent::install(*this / "program", *this / "tools", link);
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(path() / "tools")) {
      names.push_back(entry.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
  }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the program is installed for everybody, alone unless the link is asked for") {
  const volume shared;
  REQUIRE(shared.install(false).has_value());
  CHECK(shared.names() == std::vector<std::string>{"warren"});
  CHECK(*base::read_file(shared / "tools/warren", 10) == "new");
  struct stat status{};
  REQUIRE(::stat((shared / "tools/warren").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0755);
}

TEST_CASE("the link is relative, so that it holds wherever the volume is mounted") {
  const volume shared;
  REQUIRE(shared.install(true).has_value());
  CHECK(fs::read_symlink(shared / "tools/rabbitmq-diagnostics") == "warren");
  fs::rename(shared / "tools", shared / "elsewhere");
  CHECK(*base::read_file(shared / "elsewhere/rabbitmq-diagnostics", 10) == "new");
}

TEST_CASE("an installation over an older one replaces it and keeps its link") {
  const volume shared;
  shared.write("tools/warren", "old");
  fs::create_symlink("warren", shared / "tools/rabbitmq-diagnostics");
  const bool link = GENERATE(true, false);
  for (int n = 0; n < 2; ++n) {
    REQUIRE(shared.install(link).has_value());
    CHECK(shared.names() == std::vector<std::string>{"rabbitmq-diagnostics", "warren"});
    CHECK(*base::read_file(shared / "tools/rabbitmq-diagnostics", 10) == "new");
  }
}

TEST_CASE("the broker's own tool is not replaced, and nothing is installed beside it") {
  const volume shared;
  const std::string tool = shared / "tools/rabbitmq-diagnostics";
  SECTION("a file") {
    shared.write("tools/rabbitmq-diagnostics", "its own");
  }
  SECTION("a link to another program") {
    fs::create_symlink("rabbitmqctl", tool);
  }
  const auto refused = shared.install(true);
  REQUIRE(refused.has_error());
  CHECK(refused.error().detail ==
        tool + " is not Warren's link (remove it, or give another folder)");
  CHECK(shared.names() == std::vector<std::string>{"rabbitmq-diagnostics"});
}

TEST_CASE("a folder that is not there, and a file in its place, are named with the cure") {
  const volume shared;
  const std::string folder = shared / GENERATE("none", "program");
  const auto failed = agent::install(shared / "program", folder, true);
  REQUIRE(failed.has_error());
  CHECK(has(failed.error().text(), folder + " (mount the shared volume into this container"));
  CHECK(shared.names().empty());
}

TEST_CASE("a folder in the program's place is named, and no draft is left") {
  const volume shared;
  shared.write("tools/warren/file", "");
  CHECK(has(shared.install(true).error().text(), "a folder has the program's name: remove it"));
  CHECK(shared.names() == std::vector<std::string>{"warren"});
}

TEST_CASE("a program that cannot be read is named, and not the folder") {
  const volume shared;
  const auto failed = agent::install(shared / "none", shared / "tools", true);
  CHECK(has(failed.error().text(), shared / "none (/proc must be mounted"));
  CHECK(shared.names().empty());
}

TEST_CASE("a folder that the user may not write to is named with the user") {
  const volume shared;
  fs::permissions(shared.path(), fs::perms(0755));
  fs::permissions(shared / "tools", fs::perms(0555));
  const auto outcome = testing::run_in_child([&] {
    if (::geteuid() == 0 && ::setuid(65532) != 0) return 1;
    const auto failed = shared.install(true);
    if (failed.has_error()) std::cerr << ::geteuid() << ' ' << failed.error().text();
    return failed.has_error() ? 0 : 1;
  });
  CHECK(outcome.code == 0);
  const std::string user = outcome.err.substr(0, outcome.err.find(' '));
  CHECK(has(outcome.err, shared / "tools (user " + user + " must be able to write there"));
  CHECK(shared.names().empty());
}
