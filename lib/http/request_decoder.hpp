#pragma once

#include "http/message.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace warren::http {

struct request_limits {
  std::size_t header = std::size_t{8} * 1024;  // bytes up to and with the empty line
  std::size_t body = std::size_t{4} * 1024;    // of a request that has one; it is read and ignored
  std::size_t parameters = 64;                 // in the query
  bool post = false;                           // POST is taken too; its body is ignored as well
};

// What the first bytes of a connection (or of what is left of it) amount to.
struct decoded_request {
  enum class state { need_more, complete, refused };
  state is = state::need_more;
  request asked;            // complete
  std::size_t used = 0;     // complete: bytes of this request; the next one begins behind them
  bool keep_alive = false;  // complete
  int status = 0;           // refused: 400, 405, 413, 431 or 501; the connection is then of no use
  std::string why;          // refused: one sentence for the answer's body
};

// Decodes an HTTP/1.0 or 1.1 request. Total: any bytes give one of the three states, and never an
// allocation beyond what the limits allow. `bytes` is looked at from its beginning in each call,
// but parsed only once the header is whole. Protocol: RFC 9112.
decoded_request decode_request(std::string_view bytes, const request_limits& limits);

}  // namespace warren::http
