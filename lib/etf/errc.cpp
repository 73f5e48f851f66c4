#include "etf/errc.hpp"

#include <boost/system/error_category.hpp>

#include <string>

namespace warren::etf {
namespace {

class category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "etf"; }
  std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::truncated:
        return "The bytes end in the middle of an Erlang term.";
      case errc::wrong_version:
        return "The bytes do not begin with 131, the version of Erlang's external term format.";
      case errc::unknown_tag:
        return "The Erlang term holds a tag that this program does not know.";
      case errc::too_large:
        return "The Erlang term has more bytes than allowed.";
      case errc::too_deep:
        return "The Erlang term is nested deeper than allowed.";
      case errc::too_many_terms:
        return "The Erlang term has more elements than allowed.";
      case errc::bad_atom:
        return "An atom in the Erlang term is not valid UTF-8 or has more than 255 characters.";
      case errc::bad_float:
        return "A float in the Erlang term is not a finite number.";
      case errc::bad_length:
        return "A length inside the Erlang term is impossible.";
      case errc::trailing_bytes:
        return "Bytes follow the end of the Erlang term.";
    }
    return "Unknown error of the external term format.";
  }
};

}  // namespace

boost::system::error_code make_error_code(errc e) {
  static const category instance;
  return {static_cast<int>(e), instance};
}

}  // namespace warren::etf
