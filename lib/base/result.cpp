#include "base/result.hpp"

#include <boost/system/system_error.hpp>

namespace warren::base {

std::string failure::text() const {
  return detail.empty() ? code.message() : detail + ": " + code.message();
}

void throw_exception_from_error(const failure& f, const boost::source_location&) {
  throw boost::system::system_error(f.code, f.detail);
}

}  // namespace warren::base
