#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace warren::erldist {

// A tick: the empty message that says "still here".
constexpr std::string_view tick_frame{"\0\0\0\0", 4};

// Puts a length of 4 bytes in front of each message: begin_frame before, end_frame with what it
// gave after the message has been appended.
std::size_t begin_frame(std::string& out);
void end_frame(std::string& out, std::size_t begun);

// Cuts the stream of a connected node into messages, whatever the chunks it comes in. Memory: what
// has arrived of one message, at most the limit.
class frame_decoder {
 public:
  explicit frame_decoder(std::size_t largest_frame) : largest_frame_(largest_frame) {}

  void append(std::string_view bytes);
  // The next message (empty: a tick), valid until the next append(); nothing if more bytes are
  // needed. Fails with frame_too_large, before memory is taken for it; the stream is then of no
  // more use.
  base::result<std::optional<std::string_view>> next();

 private:
  std::size_t largest_frame_;
  std::string buffer_;
  std::size_t taken_ = 0;
};

}  // namespace warren::erldist
