#include "dns/message.hpp"

#include "dns/errc.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>

namespace warren::dns {
namespace {

constexpr std::size_t longest_name = 253;  // as text; 255 bytes on the wire
constexpr std::size_t longest_label = 63;
constexpr std::uint16_t class_in = 1;
constexpr std::uint16_t type_opt = 41;

void put16(std::string& out, std::uint16_t value) {
  out += static_cast<char>(value >> 8U);
  out += static_cast<char>(value & 0xffU);
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view without_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

bool put_name(std::string& out, std::string_view name) {
  name = without_dot(name);
  if (name.empty() || name.size() > longest_name) return false;
  while (true) {
    const std::string_view label = name.substr(0, name.find('.'));
    if (label.empty() || label.size() > longest_label) return false;
    out += static_cast<char>(label.size());
    out += label;
    if (label.size() == name.size()) break;
    name.remove_prefix(label.size() + 1);
  }
  out += '\0';
  return true;
}

void append_escaped(std::string& out, std::string_view label) {
  for (const char c : label) {
    const bool plain =
        (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '_';
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '\\';
    out += static_cast<char>('0' + byte / 100);
    out += static_cast<char>('0' + byte / 10 % 10);
    out += static_cast<char>('0' + byte % 10);
  }
}

// Reads from front to back. After something did not fit, `failed` stays true and zeros are read.
class reader {
 public:
  explicit reader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool failed() const { return failed_; }
  std::uint8_t byte() {
    const std::string_view one = take(1);
    return one.empty() ? 0 : static_cast<unsigned char>(one[0]);
  }
  std::uint16_t word() {
    const unsigned high = byte();
    return static_cast<std::uint16_t>(high << 8U | byte());
  }
  std::string_view take(std::size_t size) {
    failed_ = failed_ || size > bytes_.size() - at_;
    if (failed_) return {};
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }
  std::string name();
  record_type type();
  [[nodiscard]] std::size_t position() const { return at_; }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

// A name may end in a pointer to an earlier one. Each pointer must lead before everything that was
// read of this name, so there is an end.
std::string reader::name() {
  std::string text;
  std::size_t on_the_wire = 1;
  std::size_t first = at_;
  std::optional<std::size_t> behind;  // the first pointer: where reading goes on
  while (!failed_) {
    const unsigned size = byte();
    if (failed_ || size == 0) break;
    if (size >= 0xc0) {
      const std::size_t target = (size & 0x3fU) << 8U | byte();
      if (!behind) behind = at_;
      failed_ = failed_ || target >= first;
      if (!failed_) at_ = first = target;
      continue;
    }
    const std::string_view label = take(size);
    on_the_wire += size + 1;
    failed_ = failed_ || size > longest_label || on_the_wire > longest_name + 2;
    if (failed_) break;
    if (!text.empty()) text += '.';
    append_escaped(text, label);
  }
  if (behind && !failed_) at_ = *behind;
  return failed_ ? std::string() : text;
}

record_type reader::type() {
  const std::uint16_t value = word();
  for (const auto known :
       {record_type::a, record_type::cname, record_type::aaaa, record_type::srv}) {
    if (value == static_cast<std::uint16_t>(known)) return known;
  }
  return record_type::other;
}

std::string address_text(int family, std::string_view bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(family, bytes.data(), text.data(), text.size()) == nullptr ? "" : text.data();
}

// The value of a known type; empty if it is of another form than the type has.
std::string read_value(reader& r, record& what, std::size_t size) {
  switch (what.type) {
    case record_type::a:
      return size == 4 ? address_text(AF_INET, r.take(4)) : "";
    case record_type::aaaa:
      return size == 16 ? address_text(AF_INET6, r.take(16)) : "";
    case record_type::cname:
      return r.name();
    case record_type::srv:
      r.word();  // priority and weight: every target is a peer
      r.word();
      what.port = r.word();
      return r.name();
    case record_type::other:
      break;
  }
  return "";
}

void read_record(reader& r, std::vector<record>& list) {
  record what;
  what.owner = r.name();
  what.type = r.type();
  const std::uint16_t record_class = r.word();
  r.word();  // how long it may be cached
  r.word();
  const std::size_t size = r.word();
  const std::size_t begin = r.position();
  reader whole = r;
  if (whole.take(size).size() != size) {
    r.take(size);  // fails
    return;
  }
  what.value = read_value(r, what, size);
  const bool fits = !r.failed() && r.position() <= begin + size;
  if (fits && record_class == class_in && !what.value.empty()) list.push_back(std::move(what));
  r = whole;
}

}  // namespace

std::string_view name(record_type t) {
  switch (t) {
    case record_type::a:
      return "A";
    case record_type::cname:
      return "CNAME";
    case record_type::aaaa:
      return "AAAA";
    case record_type::srv:
      return "SRV";
    case record_type::other:
      break;
  }
  return "other";
}

base::result<std::string> encode_query(std::uint16_t id, const question& q, bool edns) {
  std::string out;
  put16(out, id);
  put16(out, 0x0100);  // recursion desired
  put16(out, 1);
  put16(out, 0);
  put16(out, 0);
  put16(out, edns ? 1 : 0);
  if (!put_name(out, q.name)) return base::failure(errc::bad_name, q.name);
  put16(out, static_cast<std::uint16_t>(q.type));
  put16(out, class_in);
  if (edns) {
    out += '\0';  // of the root
    put16(out, type_opt);
    put16(out, largest_datagram);
    put16(out, 0);
    put16(out, 0);
    put16(out, 0);
  }
  return out;
}

std::optional<message> decode_message(std::string_view bytes) {
  reader r(bytes);
  message m;
  m.id = r.word();
  const std::uint16_t flags = r.word();
  m.is_answer = (flags & 0x8000U) != 0;
  m.authoritative = (flags & 0x0400U) != 0;
  m.truncated = (flags & 0x0200U) != 0;
  m.recursion_available = (flags & 0x0080U) != 0;
  m.code = static_cast<int>(flags & 0x000fU);
  const std::uint16_t questions = r.word();
  const std::uint16_t answers = r.word();
  const std::uint16_t authorities = r.word();
  const std::uint16_t additional = r.word();
  for (unsigned n = 0; n < questions && !r.failed(); ++n) {
    question q;
    q.name = r.name();
    q.type = r.type();
    r.word();
    m.questions.push_back(std::move(q));
  }
  const bool questions_whole = !r.failed();
  std::vector<record> not_needed;
  for (unsigned n = 0; n < answers && !r.failed(); ++n) read_record(r, m.answers);
  for (unsigned n = 0; n < authorities && !r.failed(); ++n) read_record(r, not_needed);
  for (unsigned n = 0; n < additional && !r.failed(); ++n) read_record(r, m.additional);
  // Some servers cut a message off in the middle of a record: it is asked for again anyway.
  if (r.failed() && !(m.truncated && questions_whole)) return std::nullopt;
  return m;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(without_dot(a), without_dot(b), {}, lower, lower);
}

}  // namespace warren::dns
