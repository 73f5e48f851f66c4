// README's lists are the program's own: each test says what the section must contain.
#include "agent/admin_routes.hpp"
#include "agent/classic_settings.hpp"
#include "agent/domain/transitions.hpp"
#include "agent/metric_table.hpp"
#include "agent/routes.hpp"
#include "agent/settings.hpp"
#include "tests/support/catch.hpp"

#include <fstream>
#include <sstream>

using namespace warren;

namespace {

std::string readme() {
  std::ostringstream text;
  text << std::ifstream(WARREN_README).rdbuf();
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

void check_section(const std::string& name, const std::string& expected) {
  INFO("The section " << name << " of README.md must be what build/dev/tests/readme_tables " << name
                      << " prints:\n"
                      << expected);
  const bool as_the_program_has_it = section(name) == expected;
  CHECK(as_the_program_has_it);
}

}  // namespace

TEST_CASE("README lists every setting as the program has it") {
  check_section("settings", agent::settings_markdown());
}

TEST_CASE("README lists every classic setting as the program has it") {
  check_section("classic-settings", agent::classic_settings_markdown());
}

TEST_CASE("README lists every endpoint as the program has it") {
  check_section("endpoints", agent::endpoints_markdown());
}

TEST_CASE("README lists every endpoint of the admin socket as the program has it") {
  check_section("admin", agent::admin_endpoints_markdown());
}

TEST_CASE("README lists every metric as the program has it") {
  check_section("metrics", agent::metrics_markdown());
}

TEST_CASE("README lists every Event as the program has it") {
  check_section("events", domain::events_markdown());
}
