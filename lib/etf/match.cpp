#include "etf/match.hpp"

#include "etf/utf8.hpp"

namespace warren::etf {

std::optional<std::string_view> as_atom(const term& t) {
  const auto* a = std::get_if<atom>(&t.value());
  if (!a) return std::nullopt;
  return a->name;
}

std::optional<bool> as_boolean(const term& t) {
  if (is_atom(t, "true")) return true;
  if (is_atom(t, "false")) return false;
  return std::nullopt;
}

std::optional<std::int64_t> as_integer(const term& t) {
  const auto* n = std::get_if<std::int64_t>(&t.value());
  if (!n) return std::nullopt;
  return *n;
}

std::optional<std::string_view> as_binary(const term& t) {
  const auto* b = std::get_if<bitstring>(&t.value());
  if (!b || b->last_bits != 8) return std::nullopt;
  return b->bytes;
}

const std::vector<term>* as_list(const term& t) {
  const auto* l = std::get_if<list>(&t.value());
  return l ? &l->elements : nullptr;
}

const std::vector<term>* as_tuple(const term& t) {
  const auto* u = std::get_if<tuple>(&t.value());
  return u ? &u->elements : nullptr;
}

const std::vector<term>* as_tuple(const term& t, std::size_t arity) {
  const auto* elements = as_tuple(t);
  return elements && elements->size() == arity ? elements : nullptr;
}

const pid* as_pid(const term& t) {
  return std::get_if<pid>(&t.value());
}

std::optional<std::string> as_text(const term& t) {
  if (const auto bytes = as_binary(t)) return std::string(*bytes);
  const auto* characters = as_list(t);
  if (!characters) return std::nullopt;
  std::string text;
  for (const term& c : *characters) {
    const auto code_point = as_integer(c);
    if (!code_point || *code_point < 0) return std::nullopt;
    if (!append_character(text, static_cast<std::uint64_t>(*code_point))) return std::nullopt;
  }
  return text;
}

bool is_atom(const term& t, std::string_view name) {
  const auto* a = std::get_if<atom>(&t.value());
  return a && a->name == name;
}

const std::vector<term>* as_tagged(const term& t, std::string_view name, std::size_t arity) {
  const auto* elements = as_tuple(t, arity);
  return elements && arity > 0 && is_atom(elements->front(), name) ? elements : nullptr;
}

const term* find(const map& m, std::string_view key) {
  for (const auto& [k, v] : m.entries) {
    if (is_atom(k, key)) return &v;
  }
  return nullptr;
}

}  // namespace warren::etf
