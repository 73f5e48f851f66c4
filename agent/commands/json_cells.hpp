#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

// Parts of agents' answers as cells of a table. All of them take any JSON: what is absent or of
// another kind than expected is "-" or nothing. Characters that would steer a terminal are
// replaced.
namespace warren::agent {

// The member at a path of names; null if there is none.
const nlohmann::json& member_at(const nlohmann::json& object, const std::vector<const char*>& path);

// A text, or "yes" and "no" for a boolean.
std::string cell(const nlohmann::json& value);

// The texts of an array.
std::vector<std::string> texts_of(const nlohmann::json& value);

// "a,b"; `none` for an empty list, "-" for what is no list.
std::string cell_of_list(const nlohmann::json& value, const std::string& none);

}  // namespace warren::agent
