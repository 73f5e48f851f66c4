#include "kubernetes/json_walk.hpp"

#include <nlohmann/json.hpp>

#include <limits>
#include <string>
#include <vector>

namespace warren::kubernetes {
namespace {

using json = nlohmann::json;

constexpr std::size_t max_depth = 64;

// nlohmann's SAX events, with the path kept beside.
class walker {
 public:
  explicit walker(json_visitor& visitor) : visitor_(visitor) { path_.reserve(256); }

  bool null() { return true; }
  bool boolean(bool value) { return visitor_.boolean(path_, value); }
  bool number_integer(json::number_integer_t value) { return visitor_.number(path_, value); }
  bool number_unsigned(json::number_unsigned_t value) {
    constexpr auto most =
        static_cast<json::number_unsigned_t>(std::numeric_limits<std::int64_t>::max());
    if (value > most) return true;
    return visitor_.number(path_, static_cast<std::int64_t>(value));
  }
  bool number_float(json::number_float_t, const std::string&) { return true; }
  bool string(std::string& value) { return visitor_.text(path_, value); }
  bool binary(json::binary_t&) { return true; }
  bool start_object(std::size_t) {
    if (ends_.size() == max_depth || !visitor_.begin_object(path_)) return false;
    ends_.push_back(path_.size());
    return true;
  }
  bool key(std::string& name) {
    path_.resize(ends_.back());
    if (!path_.empty()) path_ += '/';
    path_ += name;
    return true;
  }
  bool end_object() {
    path_.resize(ends_.back());
    ends_.pop_back();
    return visitor_.end_object(path_);
  }
  bool start_array(std::size_t) {
    if (ends_.size() == max_depth) return false;
    ends_.push_back(path_.size());
    return true;
  }
  bool end_array() {
    ends_.pop_back();
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const json::exception&) { return false; }

 private:
  json_visitor& visitor_;
  std::string path_;
  std::vector<std::size_t> ends_;  // for each open object or array, the length of its own path
};

}  // namespace

bool walk_json(std::string_view text, json_visitor& visitor) {
  walker events(visitor);
  return json::sax_parse(text.data(), text.data() + text.size(), &events);
}

}  // namespace warren::kubernetes
