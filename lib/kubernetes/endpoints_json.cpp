#include "kubernetes/endpoints_json.hpp"

#include "kubernetes/endpoint_slice_json.hpp"
#include "kubernetes/errc.hpp"
#include "kubernetes/json_walk.hpp"

#include <utility>

namespace warren::kubernetes {
namespace {

constexpr std::string_view ready_list = "subsets/addresses";
constexpr std::string_view not_ready_list = "subsets/notReadyAddresses";

class endpoints_visitor : public json_visitor {
 public:
  endpoints_object object;
  std::string kind;
  bool too_large = false;

  bool begin_object(std::string_view path) override {
    if (path != ready_list && path != not_ready_list) return true;
    too_large = object.endpoints.size() == max_endpoints;
    if (too_large) return false;
    endpoint& added = object.endpoints.emplace_back();
    // The object knows one state only: readiness.
    added.ready = added.serving = path == ready_list;
    return true;
  }
  bool text(std::string_view path, std::string_view value) override {
    if (path == "kind") kind = value;
    if (path == "metadata/annotations/endpoints.kubernetes.io/over-capacity") {
      object.truncated = value == "truncated";
    }
    for (const std::string_view list : {ready_list, not_ready_list}) {
      if (path.starts_with(list) && path.size() > list.size()) {
        of_address(path.substr(list.size() + 1), value);
      }
    }
    return true;
  }

 private:
  void of_address(std::string_view path, std::string_view value) {
    if (object.endpoints.empty()) return;
    endpoint& last = object.endpoints.back();
    if (path == "ip") last.address = value;
    if (path == "hostname") last.hostname = value;
    if (path == "targetRef/name") last.pod = value;
    if (path == "targetRef/uid") last.uid = value;
  }
};

}  // namespace

base::result<endpoints_object> parse_endpoints(std::string_view json) {
  endpoints_visitor visitor;
  const bool whole = walk_json(json, visitor);
  if (visitor.too_large) return base::failure(errc::answer_too_large, "endpoints");
  if (!whole || visitor.kind != "Endpoints") {
    return base::failure(errc::malformed_answer, "not an Endpoints object");
  }
  std::erase_if(visitor.object.endpoints, [](const endpoint& e) { return e.address.empty(); });
  return std::move(visitor.object);
}

}  // namespace warren::kubernetes
