#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace warren::erldist {

// Appends a number, most significant byte first, as everything in the distribution is.
template <class Unsigned>
void append_number(std::string& out, Unsigned value) {
  for (int shift = 8 * (static_cast<int>(sizeof(value)) - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(value >> shift);
  }
}

// Takes numbers and text off the front of a message. What is not there is zero or empty, and
// complete() tells so afterwards.
class byte_reader {
 public:
  explicit byte_reader(std::string_view bytes) : left_(bytes) {}

  template <class Unsigned>
  Unsigned number() {
    Unsigned value = 0;
    for (const char c : text(sizeof(Unsigned))) {
      value = static_cast<Unsigned>((std::uint64_t{value} << 8) | static_cast<unsigned char>(c));
    }
    return value;
  }
  std::string_view text(std::size_t size) {
    if (size > left_.size()) {
      complete_ = false;
      left_ = {};
      return {};
    }
    const std::string_view front = left_.substr(0, size);
    left_.remove_prefix(size);
    return front;
  }
  [[nodiscard]] bool complete() const { return complete_; }
  [[nodiscard]] std::string_view left() const { return left_; }

 private:
  std::string_view left_;
  bool complete_ = true;
};

}  // namespace warren::erldist
