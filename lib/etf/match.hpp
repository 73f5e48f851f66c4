#pragma once

#include "etf/term.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace warren::etf {

// Each gives what the term holds, or nothing if it is of another kind. Pointers and views live as
// long as the term.
std::optional<std::string_view> as_atom(const term& t);
std::optional<bool> as_boolean(const term& t);
std::optional<std::int64_t> as_integer(const term& t);
std::optional<std::string_view> as_binary(const term& t);
const std::vector<term>* as_list(const term& t);  // proper lists only
const std::vector<term>* as_tuple(const term& t);
const std::vector<term>* as_tuple(const term& t, std::size_t arity);
const pid* as_pid(const term& t);

// A binary, or a list of integers as Erlang's strings are (Unicode code points become UTF-8).
std::optional<std::string> as_text(const term& t);

bool is_atom(const term& t, std::string_view name);
// {Name, ...}: a tuple of that arity whose first element is that atom. Gives all its elements.
const std::vector<term>* as_tagged(const term& t, std::string_view name, std::size_t arity);

// The value of `key` (an atom) in a map.
const term* find(const map& m, std::string_view key);

}  // namespace warren::etf
