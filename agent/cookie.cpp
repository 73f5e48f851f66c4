#include "agent/cookie.hpp"

#include "base/file.hpp"

namespace warren::agent {
namespace {
constexpr std::size_t longest_cookie = 4096;  // Erlang's own limit is 255 bytes of an atom
}  // namespace

base::result<base::secret> read_cookie(const base::secret& given, const std::string& file) {
  if (!given.empty()) return given;
  const auto what = [&file] {
    return "the Erlang cookie file " + file +
           " (mount the broker's, or set WARREN_COOKIE_FILE or RABBITMQ_ERLANG_COOKIE)";
  };
  base::result<std::string> text = base::read_file(file, longest_cookie);
  if (text.has_error()) return base::failure(text.error().code, what());
  text->resize(std::min(text->size(), text->find_first_of(" \t\r\n")));
  if (text->empty()) {
    using namespace boost::system::errc;
    return base::failure(make_error_code(invalid_argument), what() + " is empty");
  }
  return base::secret(std::move(*text));
}

}  // namespace warren::agent
