#include "kubernetes/stateful_set.hpp"

#include "kubernetes/errc.hpp"
#include "kubernetes/json_walk.hpp"
#include "kubernetes/namespaced.hpp"

#include <utility>

namespace warren::kubernetes {
namespace {

constexpr std::size_t max_claim_templates = 100;
constexpr object_kind stateful_sets{"/apis/apps/v1", "statefulsets", "statefulsets.apps", "get"};

class stateful_set_visitor : public json_visitor {
 public:
  stateful_set set;
  std::string kind;

  bool text(std::string_view path, std::string_view value) override {
    if (path == "kind") kind = value;
    if (path == "metadata/name") set.name = value;
    if (path == "metadata/uid") set.uid = value;
    if (path == "metadata/deletionTimestamp") set.deleting = true;
    if (path == "spec/serviceName") set.service_name = value;
    if (path == "spec/podManagementPolicy" && value == "Parallel") {
      set.policy = pod_management::parallel;
    }
    if (path == "spec/volumeClaimTemplates/metadata/name") {
      if (set.claim_templates.size() == max_claim_templates) return false;
      set.claim_templates.emplace_back(value);
    }
    return true;
  }
  bool number(std::string_view path, std::int64_t value) override {
    if (path == "spec/replicas") set.replicas = value;
    if (path == "spec/ordinals/start") set.first_ordinal = value;
    return true;
  }
};

}  // namespace

base::result<stateful_set> parse_stateful_set(std::string_view json) {
  stateful_set_visitor visitor;
  const bool whole = walk_json(json, visitor);
  const bool counts = visitor.set.replicas >= 0 && visitor.set.first_ordinal >= 0;
  if (!whole || !counts || visitor.kind != "StatefulSet") {
    return base::failure(errc::malformed_answer, "not a StatefulSet");
  }
  return std::move(visitor.set);
}

async::awaitable<api_result<stateful_set>> get_stateful_set(api_client& api, std::string name,
                                                            base::time_point deadline) {
  api_call call = object_call(api, verb::get, stateful_sets, name);
  api_result<http::response> answer = co_await api.send(std::move(call), deadline);
  if (!answer) co_return answer.error();
  base::result<stateful_set> set = parse_stateful_set(answer->body);
  if (!set) co_return api_failure{set.error(), answer->status, std::nullopt};
  co_return std::move(*set);
}

}  // namespace warren::kubernetes
