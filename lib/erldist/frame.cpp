#include "erldist/frame.hpp"

#include "erldist/bytes.hpp"
#include "erldist/errc.hpp"

#include <cstdint>

namespace warren::erldist {
namespace {

constexpr std::size_t length_bytes = 4;
// A buffer that one large message has blown up is given back when it is empty.
constexpr std::size_t keep_at_most = std::size_t{64} * 1024;

}  // namespace

std::size_t begin_frame(std::string& out) {
  const std::size_t begun = out.size();
  out.append(length_bytes, '\0');
  return begun;
}

void end_frame(std::string& out, std::size_t begun) {
  std::string length;
  append_number(length, static_cast<std::uint32_t>(out.size() - begun - length_bytes));
  out.replace(begun, length_bytes, length);
}

void frame_decoder::append(std::string_view bytes) {
  if (taken_ == buffer_.size() && buffer_.capacity() > keep_at_most) {
    buffer_ = std::string();
  } else {
    buffer_.erase(0, taken_);
  }
  taken_ = 0;
  buffer_ += bytes;
}

base::result<std::optional<std::string_view>> frame_decoder::next() {
  byte_reader in(std::string_view(buffer_).substr(taken_));
  const auto size = in.number<std::uint32_t>();
  if (!in.complete()) return std::optional<std::string_view>();
  if (size > largest_frame_) {
    return base::failure(errc::frame_too_large, std::to_string(size) + " bytes");
  }
  const std::string_view message = in.text(size);
  if (!in.complete()) return std::optional<std::string_view>();
  taken_ += length_bytes + size;
  return std::optional<std::string_view>(message);
}

}  // namespace warren::erldist
