#pragma once

#include "base/result.hpp"

#include <type_traits>

namespace warren::kubernetes {

// What the API server answered, or what was wrong with its answer or with the pod's credentials.
// Failures of the connection itself are http::errc.
enum class errc {
  unauthorized = 1,   // 401, also with the token just read again
  forbidden,          // 403
  not_found,          // 404
  conflict,           // 409
  gone,               // 410: the resourceVersion or the continue token is too old
  too_many_requests,  // 429
  server_error,       // 5xx
  rejected,           // any other status that is not 2xx
  malformed_answer,
  answer_too_large,
  watch_ended_at_once,
  watch_silent,
  token_unreadable,
  ca_unreadable,
};

base::error_code make_error_code(errc e);

}  // namespace warren::kubernetes

template <>
struct boost::system::is_error_code_enum<warren::kubernetes::errc> : std::true_type {};
