// An answer of the API server or of whoever sits in its place, whole and cut: the same response
// comes of both, within its limits, and no input may throw.
#include "http/response_parser.hpp"

#include <boost/asio/buffer.hpp>

#include <cstdlib>
#include <string_view>

namespace {

constexpr std::size_t max_body = 1024;

// Feeds as a socket would: what the parser has not used comes again with the next bytes.
bool feed(warren::http::response_parser& parser, std::string_view& waiting, std::size_t size) {
  while (size > 0 && !parser.is_done()) {
    boost::beast::error_code error;
    const std::size_t used = parser.put(boost::asio::buffer(waiting.data(), size), error);
    if (used > size) std::abort();
    waiting.remove_prefix(used);
    size -= used;
    if (error == boost::beast::http::error::need_more) return true;
    if (error) return false;
    if (used == 0) return true;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  warren::http::response_parser whole(4096, max_body);
  std::string_view rest = bytes;
  const bool good = feed(whole, rest, rest.size());
  if (whole.got.body.size() > max_body || whole.got.warnings.size() > 8) std::abort();

  const std::size_t cut = bytes.empty() ? 0 : data[0] % bytes.size();
  warren::http::response_parser sliced(4096, max_body);
  rest = bytes;
  const bool half = feed(sliced, rest, cut);
  const bool again = half && feed(sliced, rest, rest.size());
  if (good && again && whole.is_done() && whole.got.body != sliced.got.body) std::abort();
  return 0;
}
