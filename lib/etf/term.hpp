#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace warren::etf {

class term;

// At most 255 characters of UTF-8.
struct atom {
  std::string name;
  explicit atom(std::string_view n = {}) : name(n) {}
  friend bool operator==(const atom&, const atom&) = default;
};

// An integer that does not fit into 64 bits: the magnitude's bytes, least significant first.
struct big_integer {
  bool negative = false;
  std::string magnitude;
  friend bool operator==(const big_integer&, const big_integer&) = default;
};

// A binary (last_bits 8) or a bitstring, whose last byte has only its upper `last_bits` (1 to 7).
struct bitstring {
  std::string bytes;
  std::uint8_t last_bits = 8;
  friend bool operator==(const bitstring&, const bitstring&) = default;
};

struct tuple {
  std::vector<term> elements;
};

// A proper list; [] is the empty one. "abc" of Erlang is a list of three integers.
struct list {
  std::vector<term> elements;
};

// [a, b | c]: the last of the elements, of which there are at least two, is the tail.
struct improper_list {
  std::vector<term> elements;
};

// Keys and values, in the order in which they came.
struct map {
  std::vector<std::pair<term, term>> entries;
};

struct pid {
  atom node;
  std::uint32_t id = 0;
  std::uint32_t serial = 0;
  std::uint32_t creation = 0;
  friend bool operator==(const pid&, const pid&) = default;
};

struct port {
  atom node;
  std::uint64_t id = 0;
  std::uint32_t creation = 0;
  friend bool operator==(const port&, const port&) = default;
};

struct reference {
  atom node;
  std::uint32_t creation = 0;
  std::vector<std::uint32_t> ids;
  friend bool operator==(const reference&, const reference&) = default;
};

// A fun or an export, as it came: the tag and what follows.
struct opaque {
  std::string bytes;
  friend bool operator==(const opaque&, const opaque&) = default;
};

// Declared before term: otherwise comparing two lists would convert both into terms, for ever.
bool operator==(const tuple& a, const tuple& b);
bool operator==(const list& a, const list& b);
bool operator==(const improper_list& a, const improper_list& b);
bool operator==(const map& a, const map& b);

// Any Erlang term, as a value. Build it by conversion (`term n = 3;`) and with the functions below;
// take it apart with those of match.hpp.
class term {
 public:
  using variant = std::variant<list, std::int64_t, big_integer, double, atom, bitstring, tuple,
                               improper_list, map, pid, port, reference, opaque>;

  term() = default;  // []
  // Templates, so that nothing else (a pointer above all) becomes a truth value or a number.
  template <std::same_as<bool> T>
  term(T value) : value_(atom(value ? "true" : "false")) {}
  template <std::integral T>
    requires(!std::same_as<T, bool> && (std::signed_integral<T> || sizeof(T) < 8))
  term(T value) : value_(static_cast<std::int64_t>(value)) {}
  term(double value) : value_(value) {}
  term(big_integer value) : value_(std::move(value)) {}
  term(atom value) : value_(std::move(value)) {}
  term(bitstring value) : value_(std::move(value)) {}
  term(tuple value) : value_(std::move(value)) {}
  term(list value) : value_(std::move(value)) {}
  term(improper_list value) : value_(std::move(value)) {}
  term(map value) : value_(std::move(value)) {}
  term(pid value) : value_(std::move(value)) {}
  term(port value) : value_(std::move(value)) {}
  term(reference value) : value_(std::move(value)) {}
  term(opaque value) : value_(std::move(value)) {}

  [[nodiscard]] const variant& value() const { return value_; }

 private:
  variant value_;
};

inline bool operator==(const term& a, const term& b) {
  return a.value() == b.value();
}

// {a, b, c}
template <class... T>
term tuple_of(T&&... elements) {
  tuple t;
  t.elements.reserve(sizeof...(elements));
  (t.elements.emplace_back(std::forward<T>(elements)), ...);
  return t;
}

// [a, b, c]
template <class... T>
term list_of(T&&... elements) {
  list l;
  l.elements.reserve(sizeof...(elements));
  (l.elements.emplace_back(std::forward<T>(elements)), ...);
  return l;
}

term binary(std::string_view bytes);    // <<"bytes">>
term charlist(std::string_view bytes);  // "bytes", a list of integers

}  // namespace warren::etf
