#include "tests/support/test_certificates.hpp"

#include "base/file.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <stdexcept>
#include <utility>

namespace warren::testing {
namespace {

template <auto Free>
struct freed {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};
using key_ptr = std::unique_ptr<EVP_PKEY, freed<EVP_PKEY_free>>;
using x509_ptr = std::unique_ptr<X509, freed<X509_free>>;
using bio_ptr = std::unique_ptr<BIO, freed<BIO_free_all>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, freed<X509_EXTENSION_free>>;

void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("OpenSSL refused: ") + what);
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* x) {
  const bio_ptr bio(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(bio.get(), x) == 1, "PEM_write_bio_X509");
  return text_of(bio.get());
}

std::string pem_of(EVP_PKEY* key) {
  const bio_ptr bio(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "PEM_write_bio_PrivateKey");
  return text_of(bio.get());
}

void add_extension(X509* x, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, x, nullptr, nullptr, 0);
  const extension_ptr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  require(extension != nullptr, value.c_str());
  require(X509_add_ext(x, extension.get(), -1) == 1, "X509_add_ext");
}

x509_ptr unsigned_certificate(EVP_PKEY* key, const std::string& common_name,
                              std::chrono::seconds valid_for) {
  x509_ptr x(X509_new());
  require(x != nullptr, "X509_new");
  require(X509_set_version(x.get(), X509_VERSION_3) == 1, "X509_set_version");
  std::uint64_t serial = 0;
  require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "RAND_bytes");
  require(ASN1_INTEGER_set_uint64(X509_get_serialNumber(x.get()), serial >> 1) == 1, "serial");
  // Well back: another clock may be behind, and an expired certificate must have been valid once.
  constexpr std::chrono::seconds begin = -std::chrono::hours(48);
  X509_gmtime_adj(X509_getm_notBefore(x.get()), begin.count());
  X509_gmtime_adj(X509_getm_notAfter(x.get()), valid_for.count());
  const auto* name = reinterpret_cast<const unsigned char*>(common_name.c_str());
  require(X509_NAME_add_entry_by_txt(X509_get_subject_name(x.get()), "CN", MBSTRING_UTF8, name, -1,
                                     -1, 0) == 1,
          "the common name");
  require(X509_set_pubkey(x.get(), key) == 1, "X509_set_pubkey");
  return x;
}

std::string alternative_names(const certificate_request& request) {
  std::string out;
  for (const std::string& name : request.names) out += (out.empty() ? "DNS:" : ",DNS:") + name;
  for (const std::string& ip : request.addresses) out += (out.empty() ? "IP:" : ",IP:") + ip;
  return out;
}

}  // namespace

struct test_authority::state {
  key_ptr key;
  x509_ptr x;
  std::string pem;
};

test_authority::test_authority(std::string common_name) : state_(std::make_unique<state>()) {
  state_->key.reset(EVP_EC_gen("P-256"));
  require(state_->key != nullptr, "EVP_EC_gen");
  state_->x = unsigned_certificate(state_->key.get(), common_name, std::chrono::hours(24 * 366));
  X509* x = state_->x.get();
  require(X509_set_issuer_name(x, X509_get_subject_name(x)) == 1, "X509_set_issuer_name");
  add_extension(x, x, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(x, x, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(x, x, NID_subject_key_identifier, "hash");
  require(X509_sign(x, state_->key.get(), EVP_sha256()) != 0, "X509_sign");
  state_->pem = pem_of(x);
}

test_authority::~test_authority() = default;
test_authority::test_authority(test_authority&&) noexcept = default;
test_authority& test_authority::operator=(test_authority&&) noexcept = default;

certificate test_authority::issue(const certificate_request& request) const {
  const key_ptr key(EVP_EC_gen("P-256"));
  require(key != nullptr, "EVP_EC_gen");
  const x509_ptr x = unsigned_certificate(key.get(), request.common_name, request.valid_for);
  require(X509_set_issuer_name(x.get(), X509_get_subject_name(state_->x.get())) == 1,
          "X509_set_issuer_name");
  add_extension(x.get(), state_->x.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(x.get(), state_->x.get(), NID_key_usage, "critical,digitalSignature");
  add_extension(x.get(), state_->x.get(), NID_ext_key_usage, "serverAuth,clientAuth");
  add_extension(x.get(), state_->x.get(), NID_authority_key_identifier, "keyid");
  const std::string names = alternative_names(request);
  if (!names.empty()) add_extension(x.get(), state_->x.get(), NID_subject_alt_name, names);
  require(X509_sign(x.get(), state_->key.get(), EVP_sha256()) != 0, "X509_sign");
  certificate out;
  out.certificate_pem = pem_of(x.get());
  out.key_pem = pem_of(key.get());
  return out;
}

const std::string& test_authority::certificate_pem() const {
  return state_->pem;
}

void write_pem_file(const std::string& path, const std::string& text) {
  const base::result<void> written = base::write_file_atomically(path, text);
  if (!written) throw std::runtime_error(path + ": " + written.error().text());
}

}  // namespace warren::testing
