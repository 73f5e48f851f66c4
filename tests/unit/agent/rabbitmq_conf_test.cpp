#include "agent/rabbitmq_conf.hpp"

#include "tests/support/catch.hpp"

using namespace warren::agent;

namespace {
std::vector<conf_setting> parse(std::string_view text) {
  return parse_rabbitmq_conf(text);
}
}  // namespace

TEST_CASE("settings have their line, and blanks around them do not count") {
  CHECK(parse("a.b = 1\n\n \tc-d_e\t=\t two words \t\r\nlast=x") ==
        std::vector<conf_setting>{{"a.b", "1", 1}, {"c-d_e", "two words", 3}, {"last", "x", 4}});
}

TEST_CASE("a # begins a comment, on a line of its own or behind a value") {
  CHECK(parse("# a = 1\n## b = 2\n  # c = 3\nd = 4 # e = 5\nf = 6#g\n") ==
        std::vector<conf_setting>{{"d", "4", 4}, {"f", "6", 5}});
}

TEST_CASE("a value in single quotes may hold a # and blanks") {
  CHECK(parse("a = ' x # y '\nb = 'z' # why\nc = ''\n") ==
        std::vector<conf_setting>{{"a", " x # y ", 1}, {"b", "z", 2}, {"c", "", 3}});
}

TEST_CASE("duplicates are kept in their order") {
  CHECK(parse("a = 1\na = 2\n") == std::vector<conf_setting>{{"a", "1", 1}, {"a", "2", 2}});
}

TEST_CASE("what is no setting is skipped") {
  for (const char* text :
       {"", "\n\n", "a", "= 1", "a =", "a = # x", "a b = 1", "[rabbit]", "include conf.d/*.conf",
        "a = 'open", "a = 'x' y", "\xff\xfe = 1", "="}) {
    CAPTURE(text);
    CHECK(parse(text).empty());
  }
}

TEST_CASE("an equals sign may stand in a value") {
  CHECK(parse("a = b = c") == std::vector<conf_setting>{{"a", "b = c", 1}});
}
