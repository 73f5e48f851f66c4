#include "etf/decode.hpp"

#include "etf/tags.hpp"
#include "etf/utf8.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

namespace warren::etf {
namespace {

constexpr std::size_t longest_atom = 255;  // characters
// Memory is taken as elements really come; this much ahead of them.
constexpr std::size_t reserve_at_most = 32;

// Reads terms one after another. The first problem is kept, and everything after it is skipped, so
// that the reading functions need no checks of their own.
class decoder {
 public:
  decoder(std::string_view bytes, const decode_limits& limits) : left_(bytes), limits_(limits) {}

  [[nodiscard]] bool failed() const { return problem_ != errc{}; }
  [[nodiscard]] errc problem() const { return problem_; }
  [[nodiscard]] std::size_t bytes_left() const { return left_.size(); }

  term read_top() {
    if (number<std::uint8_t>() != tag::version && !failed()) fail(errc::wrong_version);
    return read(0);
  }

 private:
  void fail(errc e) {
    if (!failed()) problem_ = e;
    left_ = {};
  }
  std::string_view take(std::size_t size) {
    if (size > left_.size()) {
      fail(errc::truncated);
      return {};
    }
    const std::string_view front = left_.substr(0, size);
    left_.remove_prefix(size);
    return front;
  }
  template <class Unsigned>
  Unsigned number() {
    const std::string_view bytes = take(sizeof(Unsigned));
    Unsigned value = 0;
    for (const char c : bytes) {
      value = static_cast<Unsigned>((std::uint64_t{value} << 8) | static_cast<unsigned char>(c));
    }
    return value;
  }
  // An element takes at least one byte, so a larger count is a lie.
  std::size_t count(std::size_t elements, std::size_t bytes_each = 1) {
    if (failed()) return 0;
    if (elements > left_.size() / bytes_each) {
      fail(errc::truncated);
      return 0;
    }
    return elements;
  }
  std::vector<term> read_many(std::size_t elements, std::size_t depth) {
    std::vector<term> terms;
    terms.reserve(std::min(elements, reserve_at_most));
    for (std::size_t i = 0; i < elements && !failed(); ++i) terms.push_back(read(depth + 1));
    return terms;
  }

  term read(std::size_t depth) {
    if (failed()) return {};
    if (depth > limits_.depth) {
      fail(errc::too_deep);
      return {};
    }
    if (++terms_ > limits_.terms) {
      fail(errc::too_many_terms);
      return {};
    }
    const std::string_view from_tag = left_;
    switch (number<std::uint8_t>()) {
      case tag::small_integer:
        return number<std::uint8_t>();
      case tag::integer:
        return static_cast<std::int32_t>(number<std::uint32_t>());
      case tag::small_big:
        return read_big(number<std::uint8_t>());
      case tag::large_big:
        return read_big(number<std::uint32_t>());
      case tag::new_float:
        return read_float();
      case tag::atom_latin1:
      case tag::small_atom_latin1:
      case tag::atom_utf8:
      case tag::small_atom_utf8:
        left_ = from_tag;
        return read_atom();
      case tag::binary:
        return binary(take(number<std::uint32_t>()));
      case tag::bit_binary:
        return read_bitstring();
      case tag::small_tuple:
        return tuple{read_many(count(number<std::uint8_t>()), depth)};
      case tag::large_tuple:
        return tuple{read_many(count(number<std::uint32_t>()), depth)};
      case tag::nil:
        return list{};
      case tag::string:
        return read_string();
      case tag::list:
        return read_list(depth);
      case tag::map:
        return read_map(depth);
      case tag::new_pid:
        return read_pid();
      case tag::new_port:
        return read_port<std::uint32_t>();
      case tag::v4_port:
        return read_port<std::uint64_t>();
      case tag::newer_reference:
        return read_reference();
      case tag::new_fun:
        return read_fun(from_tag);
      case tag::export_fun:
        return read_export(from_tag, depth);
      default:
        fail(errc::unknown_tag);
        return {};
    }
  }

  term read_big(std::size_t size) {
    const bool negative = number<std::uint8_t>() != 0;
    std::string_view magnitude = take(size);
    while (!magnitude.empty() && magnitude.back() == 0) magnitude.remove_suffix(1);
    constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63;
    if (magnitude.size() <= sizeof(std::uint64_t)) {
      std::uint64_t value = 0;
      for (std::size_t i = magnitude.size(); i-- > 0;) {
        value = (value << 8) | static_cast<unsigned char>(magnitude[i]);
      }
      if (value < sign_bit || (negative && value == sign_bit)) {
        return std::bit_cast<std::int64_t>(negative ? ~value + 1 : value);
      }
    }
    return big_integer{.negative = negative, .magnitude = std::string(magnitude)};
  }

  term read_float() {
    const auto value = std::bit_cast<double>(number<std::uint64_t>());
    if (!std::isfinite(value)) fail(errc::bad_float);
    return value;
  }

  atom read_atom() {
    const auto kind = number<std::uint8_t>();
    std::size_t size = 0;
    if (kind == tag::small_atom_utf8 || kind == tag::small_atom_latin1) {
      size = number<std::uint8_t>();
    } else if (kind == tag::atom_utf8 || kind == tag::atom_latin1) {
      size = number<std::uint16_t>();
    } else {
      fail(errc::bad_atom);
    }
    const std::string_view bytes = take(size);
    if (kind == tag::atom_utf8 || kind == tag::small_atom_utf8) {
      const auto characters = count_characters(bytes);
      if (!characters || *characters > longest_atom) fail(errc::bad_atom);
      return failed() ? atom() : atom(bytes);
    }
    if (bytes.size() > longest_atom) fail(errc::bad_atom);
    std::string name;
    if (!failed()) {
      for (const char c : bytes) append_character(name, static_cast<unsigned char>(c));
    }
    return atom(name);
  }

  term read_bitstring() {
    const auto size = number<std::uint32_t>();
    const auto last_bits = number<std::uint8_t>();
    if (last_bits < 1 || last_bits > 8 || size == 0) fail(errc::bad_length);
    return bitstring{.bytes = std::string(take(size)), .last_bits = last_bits};
  }

  term read_string() {
    const std::string_view bytes = take(number<std::uint16_t>());
    terms_ += bytes.size();
    if (terms_ > limits_.terms) {
      fail(errc::too_many_terms);
      return {};
    }
    return charlist(bytes);
  }

  term read_list(std::size_t depth) {
    const std::size_t size = count(number<std::uint32_t>());
    std::vector<term> elements = read_many(size, depth);
    term tail = read(depth + 1);
    if (const auto* end = std::get_if<list>(&tail.value())) {
      // A tail that is itself a list only goes on: [a | [b]] is [a, b].
      elements.insert(elements.end(), end->elements.begin(), end->elements.end());
      return list{std::move(elements)};
    }
    if (const auto* end = std::get_if<improper_list>(&tail.value())) {
      elements.insert(elements.end(), end->elements.begin(), end->elements.end());
    } else if (elements.empty()) {
      return tail;
    } else {
      elements.push_back(std::move(tail));
    }
    return improper_list{std::move(elements)};
  }

  term read_map(std::size_t depth) {
    const std::size_t size = count(number<std::uint32_t>(), 2);
    map m;
    m.entries.reserve(std::min(size, reserve_at_most));
    for (std::size_t i = 0; i < size && !failed(); ++i) {
      term key = read(depth + 1);
      term value = read(depth + 1);
      m.entries.emplace_back(std::move(key), std::move(value));
    }
    return m;
  }

  term read_pid() {
    pid p;
    p.node = read_atom();
    p.id = number<std::uint32_t>();
    p.serial = number<std::uint32_t>();
    p.creation = number<std::uint32_t>();
    return p;
  }

  template <class Id>
  term read_port() {
    port p;
    p.node = read_atom();
    p.id = number<Id>();
    p.creation = number<std::uint32_t>();
    return p;
  }

  term read_reference() {
    const auto size = number<std::uint16_t>();
    reference r;
    r.node = read_atom();
    r.creation = number<std::uint32_t>();
    const std::size_t ids = count(size, sizeof(std::uint32_t));
    for (std::size_t i = 0; i < ids; ++i) r.ids.push_back(number<std::uint32_t>());
    return r;
  }

  term read_fun(std::string_view from_tag) {
    const auto size = number<std::uint32_t>();  // counts itself
    if (size < sizeof(size)) fail(errc::bad_length);
    if (!failed()) take(size - sizeof(size));
    return opaque_since(from_tag);
  }

  term read_export(std::string_view from_tag, std::size_t depth) {
    for (int part = 0; part < 3; ++part) read(depth + 1);  // module, function, arity
    return opaque_since(from_tag);
  }

  term opaque_since(std::string_view from_tag) {
    if (failed()) return {};
    return opaque{.bytes = std::string(from_tag.substr(0, from_tag.size() - left_.size()))};
  }

  std::string_view left_;
  const decode_limits& limits_;
  std::size_t terms_ = 0;
  errc problem_{};
};

}  // namespace

base::result<term> decode(std::string_view bytes, const decode_limits& limits) {
  auto t = decode_front(bytes, limits);
  if (t && !bytes.empty()) return base::failure(errc::trailing_bytes);
  return t;
}

base::result<term> decode_front(std::string_view& bytes, const decode_limits& limits) {
  if (bytes.size() > limits.bytes) return base::failure(errc::too_large);
  decoder d(bytes, limits);
  term t = d.read_top();
  if (d.failed()) return base::failure(d.problem());
  bytes.remove_prefix(bytes.size() - d.bytes_left());
  return t;
}

}  // namespace warren::etf
