#pragma once

#include "base/result.hpp"

#include <type_traits>

namespace warren::http {

// Why an exchange gave no response. Which step it was decides what a person looks at first.
enum class errc {
  resolve_failed = 1,
  resolve_timeout,
  connection_refused,
  connect_failed,
  connect_timeout,
  tls_failed,
  tls_handshake_timeout,
  certificate_rejected,
  no_trusted_certificate,
  write_failed,
  write_timeout,
  read_failed,
  read_header_timeout,
  read_body_timeout,
  malformed_response,
  header_too_large,
  body_too_large,
  body_truncated,
};

base::error_code make_error_code(errc e);

}  // namespace warren::http

template <>
struct boost::system::is_error_code_enum<warren::http::errc> : std::true_type {};
