#include "kubernetes/pod.hpp"

#include "kubernetes/errc.hpp"
#include "kubernetes/json_walk.hpp"
#include "kubernetes/namespaced.hpp"

#include <utility>

namespace warren::kubernetes {
namespace {

constexpr object_kind pods{"/api/v1", "pods", "pods", "get"};
constexpr object_kind claims{"/api/v1", "persistentvolumeclaims", "persistentvolumeclaims", "get"};

class pod_visitor : public json_visitor {
 public:
  pod found;
  std::string kind;

  bool text(std::string_view path, std::string_view value) override {
    if (path == "kind") kind = value;
    if (path == "metadata/name") found.name = value;
    if (path == "metadata/uid") found.uid = value;
    if (path == "metadata/deletionTimestamp") found.deleting = true;
    if (path == "status/phase") found.phase = value;
    return true;
  }
};

class name_visitor : public json_visitor {
 public:
  std::string kind;
  std::string name;

  bool text(std::string_view path, std::string_view value) override {
    if (path == "kind") kind = value;
    if (path == "metadata/name") name = value;
    return true;
  }
};

bool is_claim(std::string_view json, std::string_view name) {
  name_visitor visitor;
  return walk_json(json, visitor) && visitor.kind == "PersistentVolumeClaim" &&
         visitor.name == name;
}

}  // namespace

base::result<pod> parse_pod(std::string_view json) {
  pod_visitor visitor;
  const bool whole = walk_json(json, visitor);
  const bool named = !visitor.found.name.empty() && !visitor.found.uid.empty();
  if (!whole || !named || visitor.kind != "Pod") {
    return base::failure(errc::malformed_answer, "not a Pod");
  }
  return std::move(visitor.found);
}

async::awaitable<api_result<std::optional<pod>>> get_pod(api_client& api, std::string name,
                                                         base::time_point deadline) {
  const api_result<std::optional<std::string>> text =
      co_await get_object(api, pods, name, deadline);
  if (!text) co_return text.error();
  if (!*text) co_return std::optional<pod>();
  base::result<pod> found = parse_pod(**text);
  if (!found) co_return api_failure{found.error(), 200, std::nullopt};
  co_return std::move(*found);
}

async::awaitable<api_result<bool>> get_claim_exists(api_client& api, std::string name,
                                                    base::time_point deadline) {
  const api_result<std::optional<std::string>> text =
      co_await get_object(api, claims, name, deadline);
  if (!text) co_return text.error();
  if (!*text) co_return false;
  if (is_claim(**text, name)) co_return true;
  base::failure why(errc::malformed_answer, "not the PersistentVolumeClaim " + name);
  co_return api_failure{std::move(why), 200, std::nullopt};
}

}  // namespace warren::kubernetes
