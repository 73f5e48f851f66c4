#include "dns/errc.hpp"

#include <boost/system/error_category.hpp>

#include <string>

namespace warren::dns {
namespace {

class category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "dns"; }
  std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::bad_name:
        return "A name has labels of 1 to 63 bytes, and 253 bytes at most.";
      case errc::timeout:
        return "The DNS server did not answer in time.";
      case errc::unreachable:
        return "The DNS server cannot be reached.";
      case errc::server_failed:
        return "The DNS server could not find out.";
      case errc::bad_answer:
        return "What the DNS server sent is no answer to the question.";
    }
    return "Unknown error of DNS.";
  }
};

}  // namespace

boost::system::error_code make_error_code(errc e) {
  static const category instance;
  return {static_cast<int>(e), instance};
}

}  // namespace warren::dns
