#include "agent/enabled_plugins.hpp"

#include <algorithm>

namespace warren::agent {
namespace {

// Reads Erlang's terms as far as a list of atoms needs it: blanks, comments, punctuation, atoms.
class scanner {
 public:
  explicit scanner(std::string_view text) : text_(text) {}

  bool at_end() {
    skip();
    return text_.empty();
  }
  bool take(char c) {
    skip();
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  // An unquoted atom, or what stands between single quotes (an escape in it is left as it is: no
  // plugin has one in its name).
  std::optional<std::string_view> atom() {
    skip();
    if (text_.starts_with('\'')) return quoted();
    if (text_.empty() || text_.front() < 'a' || text_.front() > 'z') return std::nullopt;
    std::size_t end = 1;
    while (end < text_.size() && in_atom(text_[end])) ++end;
    return cut(end);
  }

 private:
  static bool in_atom(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '@';
  }
  std::string_view cut(std::size_t end) {
    const std::string_view taken = text_.substr(0, end);
    text_.remove_prefix(end);
    return taken;
  }
  std::optional<std::string_view> quoted() {
    text_.remove_prefix(1);
    std::size_t end = 0;
    while (end < text_.size() && text_[end] != '\'') end += text_[end] == '\\' ? 2 : 1;
    if (end >= text_.size()) return std::nullopt;
    const std::string_view name = cut(end);
    text_.remove_prefix(1);
    return name;
  }
  void skip() {
    while (!text_.empty()) {
      if (text_.front() == '%') {
        text_.remove_prefix(std::min(text_.find('\n'), text_.size()));
      } else if (static_cast<unsigned char>(text_.front()) <= ' ') {
        text_.remove_prefix(1);
      } else {
        return;
      }
    }
  }

  std::string_view text_;
};

}  // namespace

std::optional<bool> enables_plugin(std::string_view text, std::string_view plugin) {
  scanner scan(text);
  if (scan.at_end()) return false;
  if (!scan.take('[')) return std::nullopt;
  bool found = false;
  if (!scan.take(']')) {
    do {
      const auto name = scan.atom();
      if (!name) return std::nullopt;
      found = found || *name == plugin;
    } while (scan.take(','));
    if (!scan.take(']')) return std::nullopt;
  }
  if (!scan.take('.') || !scan.at_end()) return std::nullopt;
  return found;
}

}  // namespace warren::agent
