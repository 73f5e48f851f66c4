#include "etf/decode.hpp"
#include "etf/encode.hpp"
#include "etf/to_text.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/random_term.hpp"

#include <cstdint>
#include <limits>
#include <random>

using namespace warren;
using namespace warren::etf;

TEST_CASE("any term survives encoding and decoding", "[etf]") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 300; ++i) {
    const term before = testing::random_term(random);
    CAPTURE(i, to_text(before));
    const auto after = decode(encode(before));
    REQUIRE(after.has_value());
    REQUIRE(*after == before);
  }
}

TEST_CASE("every proper prefix of a term is truncated", "[etf]") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 30; ++i) {
    const std::string bytes = encode(testing::random_term(random, 2));
    for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 200) {
      CAPTURE(i, size, bytes.size());
      const auto cut = decode(std::string_view(bytes).substr(0, size));
      REQUIRE(cut.has_error());
      CHECK(cut.error().code == errc::truncated);
    }
  }
}

TEST_CASE("integers keep their value at every edge of a representation", "[etf]") {
  const std::int64_t n =
      GENERATE(std::int64_t{0}, 1, -1, 255, 256, -128, (1LL << 27) - 1, 1LL << 31, (1LL << 31) - 1,
               -(1LL << 31), -(1LL << 31) - 1, std::numeric_limits<std::int64_t>::max(),
               std::numeric_limits<std::int64_t>::min());
  CAPTURE(n);
  CHECK(decode(encode(n)).value() == term(n));
}
