#include "etf/to_text.hpp"

#include "etf/match.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>

namespace warren::etf {
namespace {

bool is_plain_atom(std::string_view name) {
  if (name.empty() || name.front() < 'a' || name.front() > 'z') return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '@';
  });
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; });
}

class printer {
 public:
  explicit printer(std::size_t limit) : limit_(limit) {}

  void print(const term& t) {
    if (full()) return;
    std::visit([this](const auto& value) { print(value); }, t.value());
  }
  std::string finish() {
    if (!full()) return std::move(out_);
    constexpr std::string_view dots = "...";
    std::size_t end = limit_ - std::min(limit_, dots.size());
    // Not in the middle of a character.
    while (end > 0 && (static_cast<unsigned char>(out_[end]) & 0xC0) == 0x80) --end;
    out_.resize(end);
    out_ += dots.substr(0, limit_);
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool full() const { return out_.size() > limit_; }

  template <class Number>
  void number(Number n) {
    char digits[32];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), n).ptr;
    out_.append(std::begin(digits), end);
  }
  void quoted(std::string_view text, char quote) {
    out_ += quote;
    for (const char c : text) {
      if (full()) return;
      const auto byte = static_cast<unsigned char>(c);
      if (c == quote || c == '\\') {
        out_ += '\\';
        out_ += c;
      } else if (byte < 0x20 || byte == 0x7F) {
        constexpr char digits[] = "0123456789abcdef";
        out_ += "\\x";
        out_ += digits[byte >> 4];
        out_ += digits[byte & 0xF];
      } else {
        out_ += c;
      }
    }
    out_ += quote;
  }
  void bytes(std::string_view text) {
    bool first = true;
    for (const char c : text) {
      if (full()) return;
      if (!first) out_ += ',';
      first = false;
      number(static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  void elements(const std::vector<term>& terms, std::string_view before_last = ",") {
    for (std::size_t i = 0; i < terms.size() && !full(); ++i) {
      if (i > 0) out_ += i + 1 == terms.size() ? before_last : ",";
      print(terms[i]);
    }
  }

  void print(std::int64_t n) { number(n); }
  void print(double n) { number(n); }
  void print(const big_integer& n) {
    out_ += n.negative ? "-16#" : "16#";
    constexpr char digits[] = "0123456789ABCDEF";
    for (auto c = n.magnitude.rbegin(); c != n.magnitude.rend() && !full(); ++c) {
      out_ += digits[static_cast<unsigned char>(*c) >> 4];
      out_ += digits[static_cast<unsigned char>(*c) & 0xF];
    }
  }
  void print(const atom& a) {
    if (is_plain_atom(a.name)) {
      out_ += a.name;
    } else {
      quoted(a.name, '\'');
    }
  }
  void print(const bitstring& b) {
    out_ += "<<";
    if (b.last_bits == 8 && is_printable(b.bytes)) {
      if (!b.bytes.empty()) quoted(b.bytes, '"');
    } else {
      bytes(b.bytes);
      if (b.last_bits != 8) {
        out_ += ':';
        number(static_cast<unsigned>(b.last_bits));
      }
    }
    out_ += ">>";
  }
  void print(const tuple& t) {
    out_ += '{';
    elements(t.elements);
    out_ += '}';
  }
  void print(const list& l) {
    const auto text = l.elements.empty() ? std::nullopt : as_text(l);
    if (text && is_printable(*text)) {
      quoted(*text, '"');
      return;
    }
    out_ += '[';
    elements(l.elements);
    out_ += ']';
  }
  void print(const improper_list& l) {
    out_ += '[';
    elements(l.elements, "|");
    out_ += ']';
  }
  void print(const map& m) {
    out_ += "#{";
    bool first = true;
    for (const auto& [k, v] : m.entries) {
      if (full()) return;
      if (!first) out_ += ',';
      first = false;
      print(k);
      out_ += " => ";
      print(v);
    }
    out_ += '}';
  }
  void print(const pid& p) {
    out_ += "#Pid<";
    print(p.node);
    out_ += '.';
    number(p.id);
    out_ += '.';
    number(p.serial);
    out_ += '>';
  }
  void print(const port& p) {
    out_ += "#Port<";
    print(p.node);
    out_ += '.';
    number(p.id);
    out_ += '>';
  }
  void print(const reference& r) {
    out_ += "#Ref<";
    print(r.node);
    for (const std::uint32_t id : r.ids) {
      if (full()) return;
      out_ += '.';
      number(id);
    }
    out_ += '>';
  }
  void print(const opaque&) { out_ += "#Fun"; }

  std::string out_;
  std::size_t limit_;
};

}  // namespace

std::string to_text(const term& t, std::size_t limit) {
  printer p(limit);
  p.print(t);
  return p.finish();
}

}  // namespace warren::etf
