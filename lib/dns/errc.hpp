#pragma once

#include "base/result.hpp"

#include <type_traits>

namespace warren::dns {

// Each of them is "could not look"; that there is nothing is no failure.
enum class errc {
  bad_name = 1,
  timeout,
  unreachable,
  server_failed,
  bad_answer,
};

boost::system::error_code make_error_code(errc e);

}  // namespace warren::dns

template <>
struct boost::system::is_error_code_enum<warren::dns::errc> : std::true_type {};
