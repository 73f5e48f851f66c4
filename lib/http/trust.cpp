#include "http/trust.hpp"

#include "http/errc.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <limits>

namespace warren::http {

base::result<trust> trust::from_pem(std::string_view pem) {
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (!context || pem.size() > std::numeric_limits<int>::max())
    return base::failure(errc::tls_failed);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  // A watch is idle most of its life: its 34 KB of buffers are given back meanwhile. A truncated
  // stream must stay an error, which is OpenSSL 3's default (no SSL_OP_IGNORE_UNEXPECTED_EOF).
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  const std::unique_ptr<BIO, decltype(&BIO_free)> text(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  int count = 0;
  while (X509* certificate = PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), certificate) == 1) ++count;
    X509_free(certificate);
  }
  ERR_clear_error();  // the end of the text is reported as an error
  if (count == 0) return base::failure(errc::no_trusted_certificate);
  return trust(context);
}

}  // namespace warren::http
