#include "kubernetes/status_json.hpp"

#include "kubernetes/json_walk.hpp"

namespace warren::kubernetes {
namespace {

constexpr std::size_t max_message = 256;

class status_visitor : public json_visitor {
 public:
  std::string message;
  std::string kind;
  std::string reason;
  std::string object_kind;
  std::string object_name;

  bool text(std::string_view path, std::string_view value) override {
    if (path == "message") message = value.substr(0, max_message);
    if (path == "kind") kind = value;
    if (path == "reason") reason = value;
    if (path == "details/kind") object_kind = value;
    if (path == "details/name") object_name = value;
    return true;
  }
};

}  // namespace

std::string status_message(std::string_view body) {
  status_visitor visitor;
  walk_json(body, visitor);  // what could be read of a cut text is good enough for people
  return std::move(visitor.message);
}

std::string missing_object(std::string_view body) {
  status_visitor visitor;
  const bool whole = walk_json(body, visitor);
  if (!whole || visitor.kind != "Status" || visitor.reason != "NotFound") return {};
  if (visitor.object_kind.empty() || visitor.object_name.empty()) return {};
  return visitor.object_kind + "/" + visitor.object_name;
}

}  // namespace warren::kubernetes
