#pragma once

#include "base/result.hpp"

#include <type_traits>

namespace warren::rabbitmq {

enum class errc {
  unexpected_answer = 1,
  no_members,
};

boost::system::error_code make_error_code(errc e);

}  // namespace warren::rabbitmq

template <>
struct boost::system::is_error_code_enum<warren::rabbitmq::errc> : std::true_type {};
