#include "tests/support/random_term.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace warren::testing {
namespace {

using random_engine = std::mt19937_64;

std::size_t below(random_engine& random, std::size_t limit) {
  return random() % limit;
}

std::string random_bytes(random_engine& random, std::size_t size) {
  std::string bytes;
  while (bytes.size() < size) bytes += static_cast<char>(random());
  return bytes;
}

etf::atom random_atom(random_engine& random) {
  static const std::vector<std::string> pieces{"a", "ok", "é", "漢", "𝄞", "@", " ", "_"};
  std::string name;
  for (std::size_t n = below(random, 200); n > 0; --n) name += pieces[below(random, pieces.size())];
  return etf::atom(name);
}

std::uint32_t random_word(random_engine& random) {
  return static_cast<std::uint32_t>(random());
}

std::vector<etf::term> random_terms(random_engine& random, std::size_t size, int depth) {
  std::vector<etf::term> terms;
  while (terms.size() < size) terms.push_back(random_term(random, depth - 1));
  return terms;
}

etf::term random_leaf(random_engine& random) {
  switch (below(random, 10)) {
    case 0:
      return static_cast<std::int64_t>(random() >> below(random, 64));
    case 1:
      return -static_cast<std::int64_t>(random() >> (1 + below(random, 63)));
    case 2: {
      std::string magnitude = random_bytes(random, 8 + below(random, 300)) + '\xFF';
      return etf::big_integer{.negative = below(random, 2) == 0, .magnitude = std::move(magnitude)};
    }
    case 3:
      return std::uniform_real_distribution<>(-1e9, 1e9)(random);
    case 4:
      return random_atom(random);
    case 5:
      return etf::binary(random_bytes(random, below(random, 300)));
    case 6: {
      const auto bits = static_cast<std::uint8_t>(1 + below(random, 7));
      std::string bytes = random_bytes(random, 1 + below(random, 9));
      return etf::bitstring{.bytes = std::move(bytes), .last_bits = bits};
    }
    case 7:
      return etf::pid{random_atom(random), random_word(random), random_word(random),
                      random_word(random)};
    case 8:
      return etf::port{random_atom(random), random() >> below(random, 64), random_word(random)};
    default:
      return etf::reference{random_atom(random),
                            random_word(random),
                            {random_word(random), random_word(random), random_word(random)}};
  }
}

}  // namespace

etf::term random_term(random_engine& random, int depth) {
  const std::size_t kind = below(random, depth > 0 ? 8 : 4);
  switch (kind) {
    case 4:
      return etf::tuple{random_terms(random, below(random, depth > 2 ? 300 : 4), depth)};
    case 5:
      return etf::list{random_terms(random, below(random, 6), depth)};
    case 6: {
      auto elements = random_terms(random, 1 + below(random, 4), depth);
      elements.emplace_back(random_atom(random));
      return etf::improper_list{std::move(elements)};
    }
    case 7: {
      etf::map m;
      for (std::size_t n = below(random, 5); n > 0; --n) {
        m.entries.emplace_back(random_term(random, depth - 1), random_term(random, depth - 1));
      }
      return m;
    }
    default:
      return random_leaf(random);
  }
}

}  // namespace warren::testing
