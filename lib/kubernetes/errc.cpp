#include "kubernetes/errc.hpp"

#include <string>

namespace warren::kubernetes {
namespace {

class kubernetes_category final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "warren.kubernetes"; }
  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::unauthorized:
        return "the API server does not accept the token";
      case errc::forbidden:
        return "the API server forbids it";
      case errc::not_found:
        return "the API server does not have it";
      case errc::conflict:
        return "somebody else has changed it meanwhile";
      case errc::gone:
        return "the version asked for is too old";
      case errc::too_many_requests:
        return "the API server asks for fewer requests";
      case errc::server_error:
        return "the API server has an error of its own";
      case errc::rejected:
        return "the API server rejects the request";
      case errc::malformed_answer:
        return "the API server's answer cannot be understood";
      case errc::answer_too_large:
        return "the API server's answer is beyond the limits";
      case errc::watch_ended_at_once:
        return "the watch ended at once and without an event";
      case errc::watch_silent:
        return "the watch was silent for longer than it may live";
      case errc::token_unreadable:
        return "the service-account token cannot be read";
      case errc::ca_unreadable:
        return "the cluster's CA certificate cannot be read";
    }
    return "unknown Kubernetes error";
  }
};

}  // namespace

base::error_code make_error_code(errc e) {
  static const kubernetes_category category;
  return {static_cast<int>(e), category};
}

}  // namespace warren::kubernetes
