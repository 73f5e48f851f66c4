#pragma once

#include "base/result.hpp"

#include <type_traits>

namespace warren::etf {

enum class errc {
  truncated = 1,
  wrong_version,
  unknown_tag,
  too_large,
  too_deep,
  too_many_terms,
  bad_atom,
  bad_float,
  bad_length,
  trailing_bytes,
};

boost::system::error_code make_error_code(errc e);

}  // namespace warren::etf

template <>
struct boost::system::is_error_code_enum<warren::etf::errc> : std::true_type {};
