#pragma once

#include "etf/term.hpp"

#include <random>

namespace warren::testing {

// Any term, nested at most `depth` deep, in the form in which decoding gives it (integers that fit
// are int64, lists are proper where they can be).
etf::term random_term(std::mt19937_64& random, int depth = 4);

}  // namespace warren::testing
