#include "etf/match.hpp"

#include "etf/to_text.hpp"
#include "tests/support/catch.hpp"

using namespace warren::etf;

TEST_CASE("a term gives what it holds and nothing else", "[etf]") {
  CHECK(as_atom(atom("ok")) == "ok");
  CHECK_FALSE(as_atom(3).has_value());
  CHECK(as_integer(3) == 3);
  CHECK_FALSE(as_integer(3.0).has_value());
  CHECK(as_boolean(term(true)) == true);
  CHECK_FALSE(as_boolean(atom("maybe")).has_value());
  CHECK(as_binary(binary("x")) == "x");
  CHECK(as_list(term())->empty());
  CHECK(as_list(term(improper_list{{term(1), term(2)}})) == nullptr);
  const term answer = tuple_of(atom("error"), 7);
  REQUIRE(as_tagged(answer, "error", 2));
  CHECK((*as_tagged(answer, "error", 2))[1] == term(7));
  CHECK_FALSE(as_tagged(answer, "error", 3));
  CHECK_FALSE(as_tagged(answer, "ok", 2));
  const map m{{std::pair<term, term>{atom("node"), 3}}};
  CHECK(*find(m, "node") == term(3));
  CHECK(find(m, "name") == nullptr);
}

TEST_CASE("text comes as a binary or as a list of characters", "[etf]") {
  CHECK(as_text(binary("4.3.6")) == "4.3.6");
  CHECK(as_text(charlist("4.3.6")) == "4.3.6");
  CHECK(as_text(list_of(0xE9, 0x6F22, 0x1D11E)) == "é漢𝄞");
  CHECK_FALSE(as_text(list_of(0xD800)).has_value());
  CHECK_FALSE(as_text(list_of(-1)).has_value());
  CHECK_FALSE(as_text(list_of(atom("a"))).has_value());
}

TEST_CASE("a term prints as in Erlang's shell", "[etf]") {
  CHECK(to_text(tuple_of(atom("badrpc"), atom("nodedown"))) == "{badrpc,nodedown}");
  CHECK(to_text(atom("rabbit@a.b")) == "'rabbit@a.b'");
  CHECK(to_text(list_of(1, -2, 2.5)) == "[1,-2,2.5]");
  CHECK(to_text(charlist("hi")) == "\"hi\"");
  CHECK(to_text(list{}) == "[]");
  CHECK(to_text(binary("a\"b")) == "<<\"a\\\"b\">>");
  CHECK(to_text(bitstring{.bytes = "\xA0", .last_bits = 3}) == "<<160:3>>");
  CHECK(to_text(improper_list{{term(1), term(2), term(3)}}) == "[1,2|3]");
  CHECK(to_text(map{{std::pair<term, term>{atom("k"), 1}}}) == "#{k => 1}");
  CHECK(to_text(pid{atom("n@h"), 1, 2, 3}) == "#Pid<n@h.1.2>");
  CHECK(to_text(big_integer{.negative = true, .magnitude = "\x01\xFF"}) == "-16#FF01");
  CHECK(to_text(atom("line\nbreak")) == "'line\\x0abreak'");
}

TEST_CASE("a printed term keeps to its limit and to whole characters", "[etf]") {
  list l;
  for (int i = 0; i < 100'000; ++i) l.elements.emplace_back(tuple_of(atom("é"), 1000 + i));
  for (std::size_t limit = 0; limit < 40; ++limit) {
    CAPTURE(limit);
    const std::string text = to_text(l, limit);
    CHECK(text.size() <= limit);
    CHECK(text.size() + 4 >= limit);
  }
  CHECK(to_text(list_of(0xE9, 0xE9, 0xE9, 0xE9), 8) == "\"éé...");
}
