#include "http/errc.hpp"

#include <string>

namespace warren::http {
namespace {

class http_category final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "warren.http"; }
  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::resolve_failed:
        return "the host name could not be resolved";
      case errc::resolve_timeout:
        return "the host name was not resolved in time";
      case errc::connection_refused:
        return "the connection was refused";
      case errc::connect_failed:
        return "the connection could not be made";
      case errc::connect_timeout:
        return "the connection was not made in time";
      case errc::tls_failed:
        return "the TLS handshake failed";
      case errc::tls_handshake_timeout:
        return "the TLS handshake did not end in time";
      case errc::certificate_rejected:
        return "the server's certificate was rejected";
      case errc::no_trusted_certificate:
        return "the CA file holds no certificate";
      case errc::write_failed:
        return "the connection was lost while the request was sent";
      case errc::write_timeout:
        return "the request could not be sent in time";
      case errc::read_failed:
        return "the connection was lost before the response was complete";
      case errc::read_header_timeout:
        return "the response's header did not come in time";
      case errc::read_body_timeout:
        return "the response's body did not come in time";
      case errc::malformed_response:
        return "the response is not HTTP/1.1";
      case errc::header_too_large:
        return "the response's header is too large";
      case errc::body_too_large:
        return "the response's body is too large";
      case errc::body_truncated:
        return "the response's body was cut off";
    }
    return "unknown HTTP error";
  }
};

}  // namespace

base::error_code make_error_code(errc e) {
  static const http_category category;
  return {static_cast<int>(e), category};
}

}  // namespace warren::http
