// The server's whole request parsing, query included: no input may throw, hang or read beyond.
#include "http/request_decoder.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  warren::http::request_limits limits;
  limits.post = size % 2 == 0;
  const auto got = warren::http::decode_request(bytes, limits);
  using state = warren::http::decoded_request::state;
  if (got.is == state::complete && (got.used == 0 || got.used > size)) std::abort();
  if (got.is == state::complete && got.asked.path.front() != '/') std::abort();
  if (got.is == state::refused && got.status < 400) std::abort();
  return 0;
}
