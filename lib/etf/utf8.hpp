#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace warren::etf {

// How many characters the bytes are, or nothing if they are not UTF-8 (overlong forms, surrogates
// and what lies beyond U+10FFFF are not).
std::optional<std::size_t> count_characters(std::string_view bytes);

// Appends the character. False, and nothing appended, if there is no such character.
bool append_character(std::string& out, std::uint64_t code_point);

}  // namespace warren::etf
