// README's lists are the program's own: each test says what the section must contain.
#include "agent/domain/transitions.hpp"
#include "agent/settings.hpp"
#include "tests/support/catch.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace warren;

namespace {

std::string readme() {
  const auto root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
  std::ostringstream text;
  text << std::ifstream(root / "README.md").rdbuf();
  return text.str();
}

// What stands between <!-- name --> and <!-- /name -->, without the blank lines around it.
std::string section(const std::string& name) {
  const std::string text = readme();
  const std::string begin = "<!-- " + name + " -->\n";
  const std::size_t first = text.find(begin);
  const std::size_t last = text.find("<!-- /" + name + " -->");
  if (first == std::string::npos || last == std::string::npos || last < first) {
    return "README.md has no section <!-- " + name + " --> ... <!-- /" + name + " -->\n";
  }
  std::string body = text.substr(first + begin.size(), last - first - begin.size());
  while (body.starts_with('\n')) body.erase(0, 1);
  while (body.ends_with("\n\n")) body.pop_back();
  return body;
}

}  // namespace

TEST_CASE("README lists every setting as the program has it") {
  CHECK(section("settings") == agent::settings_markdown());
}

TEST_CASE("README lists every Event as the program has it") {
  CHECK(section("events") == domain::events_markdown());
}
