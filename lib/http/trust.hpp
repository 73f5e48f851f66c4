#pragma once

#include "base/result.hpp"

#include <memory>
#include <string_view>

struct ssl_ctx_st;

namespace warren::http {

// The certificates that a client trusts, ready for connections (an OpenSSL context). Cheap to copy;
// connections made with it keep it alive. TLS 1.2 at least, the peer is always verified.
class trust {
 public:
  // From CA certificates in PEM. Fails with no_trusted_certificate.
  static base::result<trust> from_pem(std::string_view pem);

  [[nodiscard]] ssl_ctx_st* native() const { return context_.get(); }

 private:
  explicit trust(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
  std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace warren::http
