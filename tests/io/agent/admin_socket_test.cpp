#include "agent/admin_socket.hpp"

#include "agent/listen.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch_folder.hpp"

#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace warren;
using agent::open_admin_socket;

namespace {

std::string problem_at(const std::string& path) {
  const auto opened = open_admin_socket(path);
  return opened ? "none" : opened.error().text();
}

}  // namespace

TEST_CASE("the admin socket is for its owner and group alone") {
  const testing::scratch_folder folder;
  const auto opened = open_admin_socket(folder.file("admin.sock"));
  REQUIRE(opened.has_value());
  CHECK(agent::is_unix_socket(*opened));
  struct stat found{};
  REQUIRE(::stat(folder.file("admin.sock").c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0660);
  std::size_t files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(folder.file("")).parent_path())) {
    files += entry.exists() ? 1 : 0;
  }
  CHECK(files == 1);
  CHECK_FALSE(agent::is_unix_socket(*agent::open_listener("127.0.0.1", 0)));
}

TEST_CASE("the socket of a dead agent is replaced, that of a live one is not") {
  const testing::scratch_folder folder;
  const std::string path = folder.file("admin.sock");
  {
    const auto first = open_admin_socket(path);
    REQUIRE(first.has_value());
    const std::string second = problem_at(path);
    CAPTURE(second);
    CHECK(second.find(path + " (another agent listens there") != std::string::npos);
  }
  CHECK(std::filesystem::exists(path));
  CHECK(open_admin_socket(path).has_value());
}

TEST_CASE("a place that cannot be had is named with the cure") {
  const testing::scratch_folder folder;
  std::ofstream(folder.file("plain")) << "precious";
  CHECK(problem_at(folder.file("plain")).find("a file of another kind") != std::string::npos);
  CHECK(std::filesystem::file_size(folder.file("plain")) == 8);
  CHECK(problem_at(folder.file("none/admin.sock")).find("an emptyDir") != std::string::npos);
  CHECK(problem_at(folder.file("plain/admin.sock")).find("an emptyDir") != std::string::npos);
  CHECK(problem_at("/proc/admin.sock").find("an emptyDir") != std::string::npos);
  CHECK(problem_at(folder.file(std::string(120, 'x'))).find("shorter") != std::string::npos);
}
