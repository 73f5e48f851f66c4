#pragma once

#include "base/result.hpp"
#include "etf/errc.hpp"
#include "etf/term.hpp"

#include <cstddef>
#include <string_view>

namespace warren::etf {

struct decode_limits {
  std::size_t bytes = 4u << 20;
  std::size_t terms = 200'000;  // of about 72 bytes of memory each
  std::size_t depth = 64;
};

// The one term that `bytes` are, version byte included. Fails with an errc of this library.
base::result<term> decode(std::string_view bytes, const decode_limits& limits = {});

// Takes one term off the front of `bytes`. After a failure `bytes` is as it was.
base::result<term> decode_front(std::string_view& bytes, const decode_limits& limits = {});

}  // namespace warren::etf
