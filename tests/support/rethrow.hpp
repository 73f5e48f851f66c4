#pragma once

#include <exception>

namespace warren::testing {

// Completion handler of a fake's coroutines: what they throw breaks the test.
inline constexpr auto rethrow = [](const std::exception_ptr& error) {
  if (error) std::rethrow_exception(error);
};

}  // namespace warren::testing
