#pragma once

#include "base/result.hpp"

#include <type_traits>

namespace warren::rabbitmq {

enum class errc {
  unexpected_answer = 1,
  no_members,
  not_running,
  // Joining by calls.
  holds_data,
  stop_failed,
  join_refused,
  join_failed,
  start_failed,
  // Forgetting a member.
  still_running,
  no_majority,
  forget_failed,
  replicas_left,
  // The caller says that it may not go on.
  stopped,
};

boost::system::error_code make_error_code(errc e);

}  // namespace warren::rabbitmq

template <>
struct boost::system::is_error_code_enum<warren::rabbitmq::errc> : std::true_type {};
