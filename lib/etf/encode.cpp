#include "etf/encode.hpp"

#include "etf/tags.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>

namespace warren::etf {
namespace {

class encoder {
 public:
  explicit encoder(std::string& out) : out_(out) {}

  void write(const term& t) {
    std::visit([this](const auto& value) { write(value); }, t.value());
  }

 private:
  template <class Unsigned>
  void big_endian(Unsigned value) {
    for (int shift = 8 * (static_cast<int>(sizeof(value)) - 1); shift >= 0; shift -= 8) {
      out_ += static_cast<char>(value >> shift);
    }
  }
  void byte(std::uint8_t value) { out_ += static_cast<char>(value); }
  void length(std::size_t size) {
    if (size > std::numeric_limits<std::uint32_t>::max()) {
      throw std::length_error("an Erlang term of more than 2^32 - 1 elements");
    }
    big_endian(static_cast<std::uint32_t>(size));
  }
  void elements(const std::vector<term>& terms) {
    for (const term& t : terms) write(t);
  }

  void write(std::int64_t value) {
    if (value >= 0 && value <= 255) {
      byte(tag::small_integer);
      byte(static_cast<std::uint8_t>(value));
    } else if (value >= std::numeric_limits<std::int32_t>::min() &&
               value <= std::numeric_limits<std::int32_t>::max()) {
      byte(tag::integer);
      big_endian(static_cast<std::uint32_t>(value));
    } else {
      auto magnitude = static_cast<std::uint64_t>(value);
      if (value < 0) magnitude = ~magnitude + 1;
      big_integer big{.negative = value < 0, .magnitude = {}};
      for (; magnitude != 0; magnitude >>= 8) big.magnitude += static_cast<char>(magnitude);
      write(big);
    }
  }
  void write(const big_integer& value) {
    if (value.magnitude.size() <= 255) {
      byte(tag::small_big);
      byte(static_cast<std::uint8_t>(value.magnitude.size()));
    } else {
      byte(tag::large_big);
      length(value.magnitude.size());
    }
    byte(value.negative ? 1 : 0);
    out_ += value.magnitude;
  }
  void write(double value) {
    byte(tag::new_float);
    big_endian(std::bit_cast<std::uint64_t>(value));
  }
  void write(const atom& value) {
    if (value.name.size() <= 255) {
      byte(tag::small_atom_utf8);
      byte(static_cast<std::uint8_t>(value.name.size()));
    } else if (value.name.size() <= 65535) {
      byte(tag::atom_utf8);
      big_endian(static_cast<std::uint16_t>(value.name.size()));
    } else {
      throw std::length_error("an atom of more than 65535 bytes");
    }
    out_ += value.name;
  }
  void write(const bitstring& value) {
    byte(value.last_bits == 8 ? tag::binary : tag::bit_binary);
    length(value.bytes.size());
    if (value.last_bits != 8) byte(value.last_bits);
    out_ += value.bytes;
  }
  void write(const tuple& value) {
    if (value.elements.size() <= 255) {
      byte(tag::small_tuple);
      byte(static_cast<std::uint8_t>(value.elements.size()));
    } else {
      byte(tag::large_tuple);
      length(value.elements.size());
    }
    elements(value.elements);
  }
  void write(const list& value) {
    if (!value.elements.empty()) {
      byte(tag::list);
      length(value.elements.size());
      elements(value.elements);
    }
    byte(tag::nil);
  }
  void write(const improper_list& value) {
    byte(tag::list);
    length(value.elements.size() - 1);
    elements(value.elements);
  }
  void write(const map& value) {
    byte(tag::map);
    length(value.entries.size());
    for (const auto& [k, v] : value.entries) {
      write(k);
      write(v);
    }
  }
  void write(const pid& value) {
    byte(tag::new_pid);
    write(value.node);
    big_endian(value.id);
    big_endian(value.serial);
    big_endian(value.creation);
  }
  void write(const port& value) {
    const bool wide = value.id > std::numeric_limits<std::uint32_t>::max();
    byte(wide ? tag::v4_port : tag::new_port);
    write(value.node);
    if (wide) {
      big_endian(value.id);
    } else {
      big_endian(static_cast<std::uint32_t>(value.id));
    }
    big_endian(value.creation);
  }
  void write(const reference& value) {
    byte(tag::newer_reference);
    big_endian(static_cast<std::uint16_t>(value.ids.size()));
    write(value.node);
    big_endian(value.creation);
    for (const std::uint32_t id : value.ids) big_endian(id);
  }
  void write(const opaque& value) { out_ += value.bytes; }

  std::string& out_;
};

}  // namespace

std::string encode(const term& t) {
  std::string out;
  append(out, t);
  return out;
}

void append(std::string& out, const term& t) {
  out += static_cast<char>(tag::version);
  encoder(out).write(t);
}

}  // namespace warren::etf
