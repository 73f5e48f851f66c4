#include "kubernetes/status_json.hpp"

#include "kubernetes/json_walk.hpp"

namespace warren::kubernetes {
namespace {

constexpr std::size_t max_message = 256;

class status_visitor : public json_visitor {
 public:
  std::string message;

  bool text(std::string_view path, std::string_view value) override {
    if (path == "message") message = value.substr(0, max_message);
    return true;
  }
};

}  // namespace

std::string status_message(std::string_view body) {
  status_visitor visitor;
  walk_json(body, visitor);  // what could be read of a cut text is good enough for people
  return std::move(visitor.message);
}

}  // namespace warren::kubernetes
