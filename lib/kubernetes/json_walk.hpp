#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace warren::kubernetes {

// What a walk over a JSON text meets. A path is the keys from the root joined by '/', arrays being
// transparent: the address in {"endpoints":[{"addresses":["x"]}]} is at "endpoints/addresses".
// A visitor that returns false ends the walk.
class json_visitor {
 public:
  virtual ~json_visitor() = default;
  virtual bool begin_object(std::string_view) { return true; }
  virtual bool end_object(std::string_view) { return true; }
  virtual bool text(std::string_view, std::string_view) { return true; }
  virtual bool number(std::string_view, std::int64_t) { return true; }
  virtual bool boolean(std::string_view, bool) { return true; }
};

// Walks `json` without building a tree of it. Null and fractions are passed over. False for what is
// not one JSON value, nests deeper than 64, or was ended by the visitor. Total: never throws.
bool walk_json(std::string_view json, json_visitor& visitor);

}  // namespace warren::kubernetes
