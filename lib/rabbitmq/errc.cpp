#include "rabbitmq/errc.hpp"

#include <string>

namespace warren::rabbitmq {
namespace {

class category_type final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "rabbitmq"; }
  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::unexpected_answer:
        return "The broker's answer has a form that this version of the agent does not know.";
      case errc::no_members:
        return "The broker does not know the members of its cluster, because it does not run.";
    }
    return "unknown error";
  }
};

}  // namespace

boost::system::error_code make_error_code(errc e) {
  static const category_type category;
  return {static_cast<int>(e), category};
}

}  // namespace warren::rabbitmq
