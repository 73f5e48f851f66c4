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
      case errc::not_running:
        return "The broker does not run, so it cannot tell.";
      case errc::holds_data:
        return "The node holds more than a first boot leaves, which joining would throw away.";
      case errc::stop_failed:
        return "The broker could not be stopped for joining.";
      case errc::join_refused:
        return "The broker refuses to join, and has changed nothing.";
      case errc::join_failed:
        return "Joining has begun and failed; it may be tried again.";
      case errc::start_failed:
        return "The broker has not started after joining.";
      case errc::still_running:
        return "A member that still runs cannot be forgotten.";
      case errc::no_majority:
        return "Too few members run to change who belongs to the cluster.";
      case errc::forget_failed:
        return "The broker could not forget the member.";
      case errc::replicas_left:
        return "Some queues still count on the replica of the node that is being forgotten.";
      case errc::stopped:
        return "The lock was lost meanwhile, so that no further step may follow.";
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
