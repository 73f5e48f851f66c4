#include "kubernetes/event.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>

namespace warren::kubernetes {
namespace {

constexpr std::size_t max_note = 1024;
constexpr std::size_t max_name = 253;
constexpr std::string_view replacement = "\xEF\xBF\xBD";

// The length of the UTF-8 character at the beginning of `text`, 0 if there is none (RFC 3629).
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  const bool surrogate = lead == 0xED && byte(1) > 0x9F;
  const bool too_large = lead == 0xF4 && byte(1) > 0x8F;
  return overlong || surrogate || too_large ? 0 : length;
}

bool alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string event_note(std::string_view text) {
  std::string note;
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    const std::string_view character = length > 0 ? text.substr(0, length) : replacement;
    if (note.size() + character.size() > max_note) break;
    note += character;
    text.remove_prefix(length > 0 ? length : 1);
  }
  return note;
}

std::string event_name(std::string_view object, base::wall_time at) {
  const auto since = std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch());
  std::array<char, 17> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                 static_cast<std::uint64_t>(since.count()), 16);
  const std::string_view suffix(digits.data(), static_cast<std::size_t>(end.ptr - digits.data()));
  object = object.substr(0, max_name - 1 - suffix.size());
  while (!object.empty() && !alphanumeric(object.back())) object.remove_suffix(1);
  return std::string(object).append(".").append(suffix);
}

}  // namespace warren::kubernetes
