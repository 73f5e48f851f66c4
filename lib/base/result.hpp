#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <string>
#include <utility>

namespace warren::base {

using error_code = boost::system::error_code;

// What went wrong on a bad day: a code for decisions, and for people the thing it happened to
// ("endpoints/rabbitmq", "rabbit@rmq-0: status not_allowed"). `detail` never holds a secret.
struct failure {
  error_code code;
  std::string detail;

  failure() = default;
  failure(error_code c, std::string d = {}) : code(c), detail(std::move(d)) {}
  template <class Enum>
    requires boost::system::is_error_code_enum<Enum>::value
  failure(Enum e, std::string d = {}) : code(e), detail(std::move(d)) {}

  // "detail: message of the code", or the message alone.
  [[nodiscard]] std::string text() const;
};

// A value, or why there is none. Functions that return it do not throw on a bad day; exceptions are
// for bugs, start-up and cancellation.
template <class T>
using result = boost::system::result<T, failure>;

// Called by result<T>::value() without a value: throws boost::system::system_error.
[[noreturn]] void throw_exception_from_error(const failure& f, const boost::source_location& where);

}  // namespace warren::base
