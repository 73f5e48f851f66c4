#include "etf/decode.hpp"

#include "etf/encode.hpp"
#include "etf/match.hpp"
#include "tests/support/catch.hpp"

#include <initializer_list>
#include <string>

using namespace warren;
using namespace warren::etf;

namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string s;
  for (const int v : values) s += static_cast<char>(v);
  return s;
}

base::error_code failure_of(const std::string& input, const decode_limits& limits = {}) {
  const auto t = decode(input, limits);
  return t ? base::error_code{} : t.error().code;
}

}  // namespace

// The bytes are what term_to_binary/1 of OTP 25 gives, and for legacy tags what it still reads.
TEST_CASE("the terms that a node sends are understood", "[etf]") {
  CHECK(decode(bytes({131, 97, 7})).value() == term(7));
  CHECK(decode(bytes({131, 98, 255, 255, 255, 255})).value() == term(-1));
  CHECK(decode(bytes({131, 110, 8, 1, 0, 0, 0, 0, 0, 0, 0, 128})).value() ==
        term(std::numeric_limits<std::int64_t>::min()));
  CHECK(decode(bytes({131, 110, 8, 0, 0, 0, 0, 0, 0, 0, 0, 128})).value() ==
        term(big_integer{.negative = false, .magnitude = bytes({0, 0, 0, 0, 0, 0, 0, 128})}));
  CHECK(decode(bytes({131, 70, 63, 240, 0, 0, 0, 0, 0, 0})).value() == term(1.0));
  CHECK(decode(bytes({131, 119, 2, 'o', 'k'})).value() == term(atom("ok")));
  CHECK(decode(bytes({131, 118, 0, 2, 'o', 'k'})).value() == term(atom("ok")));
  CHECK(decode(bytes({131, 100, 0, 2, 'o', 'k'})).value() == term(atom("ok")));
  CHECK(decode(bytes({131, 115, 1, 0xE9})).value() == term(atom("é")));
  CHECK(decode(bytes({131, 107, 0, 2, 'h', 'i'})).value() == charlist("hi"));
  CHECK(decode(bytes({131, 77, 0, 0, 0, 1, 3, 0xA0})).value() ==
        term(bitstring{.bytes = "\xA0", .last_bits = 3}));
  CHECK(decode(bytes({131, 104, 2, 97, 1, 106})).value() == tuple_of(1, list{}));
  CHECK(decode(bytes({131, 105, 0, 0, 0, 1, 97, 1})).value() == tuple_of(1));
  CHECK(decode(bytes({131, 108, 0, 0, 0, 1, 97, 1, 97, 2})).value() ==
        term(improper_list{{term(1), term(2)}}));
  CHECK(decode(bytes({131, 116, 0, 0, 0, 1, 97, 1, 97, 2})).value() ==
        term(map{{std::pair<term, term>{term(1), term(2)}}}));
  CHECK(decode(bytes({131, 88, 119, 1, 'n', 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3})).value() ==
        term(pid{atom("n"), 1, 2, 3}));
  CHECK(decode(bytes({131, 89, 119, 1, 'n', 0, 0, 0, 1, 0, 0, 0, 3})).value() ==
        term(port{atom("n"), 1, 3}));
  CHECK(decode(bytes({131, 120, 119, 1, 'n', 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3})).value() ==
        term(port{atom("n"), 1ULL << 32, 3}));
  CHECK(decode(bytes({131, 90, 0, 1, 119, 1, 'n', 0, 0, 0, 3, 0, 0, 0, 9})).value() ==
        term(reference{atom("n"), 3, {9}}));
}

TEST_CASE("funs and exports are kept as they came", "[etf]") {
  const std::string fun = bytes({131, 112, 0, 0, 0, 6, 1, 2});
  const std::string exported = bytes({131, 113, 119, 1, 'm', 119, 1, 'f', 97, 0});
  for (const std::string& bytes_in : {fun, exported}) {
    const auto t = decode(bytes_in);
    REQUIRE(t.has_value());
    CHECK(std::holds_alternative<opaque>(t->value()));
    CHECK(encode(*t) == bytes_in);
  }
}

TEST_CASE("what is no term is refused by name", "[etf]") {
  CHECK(failure_of("") == errc::truncated);
  CHECK(failure_of(bytes({130, 97, 1})) == errc::wrong_version);
  CHECK(failure_of(bytes({131, 82, 0})) == errc::unknown_tag);  // an atom cache reference
  CHECK(failure_of(bytes({131, 97, 1, 0})) == errc::trailing_bytes);
  CHECK(failure_of(bytes({131, 119, 1, 0xFF})) == errc::bad_atom);
  CHECK(failure_of(bytes({131, 119, 2, 0xC0, 0x80})) == errc::bad_atom);
  CHECK(failure_of(bytes({131, 88, 97, 1})) == errc::bad_atom);  // a pid of node 1
  CHECK(failure_of(bytes({131, 70, 127, 240, 0, 0, 0, 0, 0, 0})) == errc::bad_float);
  CHECK(failure_of(bytes({131, 77, 0, 0, 0, 1, 9, 0})) == errc::bad_length);
  CHECK(failure_of(bytes({131, 112, 0, 0, 0, 3})) == errc::bad_length);
  CHECK(failure_of(bytes({131, 118, 1, 0}) + std::string(256, 'a')) == errc::bad_atom);
}

TEST_CASE("a length beyond the bytes left is refused before any memory is taken", "[etf]") {
  const int tag = GENERATE(105, 108, 109, 111, 116);
  CAPTURE(tag);
  CHECK(failure_of(bytes({131, tag, 255, 255, 255, 255, 0})) == errc::truncated);
}

TEST_CASE("the limits on size, depth and number hold", "[etf]") {
  std::string deep = bytes({131});
  for (int i = 0; i < 100'000; ++i) deep += bytes({104, 1});
  CHECK(failure_of(deep) == errc::too_deep);

  const std::string many = bytes({131, 105, 0, 0, 4, 0}) + std::string(1024, 106);
  CHECK(failure_of(many) == base::error_code{});
  CHECK(failure_of(many, {.terms = 1000}) == errc::too_many_terms);
  CHECK(failure_of(many, {.bytes = 1000}) == errc::too_large);
  const std::string text = bytes({131, 107, 4, 0}) + std::string(1024, 'x');
  CHECK(failure_of(text, {.terms = 1000}) == errc::too_many_terms);
}

TEST_CASE("terms that follow one another are taken one by one", "[etf]") {
  const std::string both = encode(atom("a")) + encode(2);
  std::string_view rest = both;
  CHECK(decode_front(rest).value() == term(atom("a")));
  CHECK(decode_front(rest).value() == term(2));
  CHECK(rest.empty());
  CHECK(decode_front(rest).error().code == errc::truncated);
}
