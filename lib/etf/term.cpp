#include "etf/term.hpp"

namespace warren::etf {

bool operator==(const tuple& a, const tuple& b) {
  return a.elements == b.elements;
}
bool operator==(const list& a, const list& b) {
  return a.elements == b.elements;
}
bool operator==(const improper_list& a, const improper_list& b) {
  return a.elements == b.elements;
}
bool operator==(const map& a, const map& b) {
  return a.entries == b.entries;
}
term binary(std::string_view bytes) {
  return bitstring{.bytes = std::string(bytes)};
}

term charlist(std::string_view bytes) {
  list l;
  l.elements.reserve(bytes.size());
  for (const char c : bytes) l.elements.emplace_back(static_cast<unsigned char>(c));
  return l;
}

}  // namespace warren::etf
