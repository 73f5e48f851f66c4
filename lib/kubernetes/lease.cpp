#include "kubernetes/lease.hpp"

#include "kubernetes/errc.hpp"
#include "kubernetes/json_walk.hpp"
#include "kubernetes/namespaced.hpp"

#include <nlohmann/json.hpp>

#include <limits>
#include <utility>

namespace warren::kubernetes {
namespace {

using nlohmann::json;

constexpr object_kind leases{"/apis/coordination.k8s.io/v1", "leases", "leases.coordination.k8s.io",
                             "get, create and update"};

// What can be read of the object. Its depth is bounded, since writing it again recurses.
json object_in(std::string_view text) {
  json_visitor depth_only;
  if (!walk_json(text, depth_only)) return json::object();
  json object = json::parse(text, nullptr, false);
  return object.is_object() ? object : json::object();
}

std::string text_in(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// An int32 that is not negative, as Kubernetes has it; 0 if it is absent, nothing for all else.
std::optional<std::int64_t> count_in(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return 0;
  if (!found->is_number_unsigned()) return std::nullopt;
  const auto value = found->get<std::uint64_t>();
  if (value > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

// Never another type than an object, so that fields can be set in it.
json& part_of(json& object, const char* name) {
  json& part = object[name];
  if (!part.is_object()) part = json::object();
  return part;
}

void set_text(json& object, const char* name, const std::string& value) {
  if (value.empty()) {
    object.erase(name);
  } else {
    object[name] = value;
  }
}

void set_count(json& object, const char* name, std::int64_t value) {
  if (value == 0) {
    object.erase(name);
  } else {
    object[name] = value;
  }
}

api_result<lease> stored(const api_result<http::response>& answer) {
  if (!answer) return answer.error();
  base::result<lease> l = parse_lease(answer->body);
  if (!l) return api_failure{l.error(), answer->status, std::nullopt};
  return std::move(*l);
}

}  // namespace

base::result<lease> parse_lease(std::string_view text) {
  if (text.size() > max_lease) return base::failure(errc::answer_too_large, "Lease");
  json object = object_in(text);
  const std::string kind = text_in(object, "kind");
  const json& metadata = part_of(object, "metadata");
  const json& spec = part_of(object, "spec");
  lease l;
  l.name = text_in(metadata, "name");
  l.uid = text_in(metadata, "uid");
  l.resource_version = text_in(metadata, "resourceVersion");
  l.holder = text_in(spec, "holderIdentity");
  l.acquire_time = text_in(spec, "acquireTime");
  l.renew_time = text_in(spec, "renewTime");
  const auto seconds = count_in(spec, "leaseDurationSeconds");
  const auto transitions = count_in(spec, "leaseTransitions");
  const bool named = !l.name.empty() && !l.uid.empty() && !l.resource_version.empty();
  if (kind != "Lease" || !named || !seconds || !transitions) {
    return base::failure(errc::malformed_answer, "not a Lease");
  }
  l.duration = std::chrono::seconds(*seconds);
  l.transitions = *transitions;
  const auto annotations = metadata.find("annotations");
  if (annotations != metadata.end() && annotations->is_object()) {
    for (const auto& [key, value] : annotations->items()) {
      if (value.is_string()) l.annotations.emplace(key, value.get<std::string>());
    }
  }
  l.raw = text;
  return l;
}

std::string lease_body(const lease& l, std::string_view name_space) {
  json object = object_in(l.raw);
  object["apiVersion"] = "coordination.k8s.io/v1";
  object["kind"] = "Lease";
  json& metadata = part_of(object, "metadata");
  metadata["name"] = l.name;
  metadata["namespace"] = name_space;
  set_text(metadata, "uid", l.uid);
  set_text(metadata, "resourceVersion", l.resource_version);
  metadata.erase("annotations");
  if (!l.annotations.empty()) metadata["annotations"] = l.annotations;
  json& spec = part_of(object, "spec");
  set_text(spec, "holderIdentity", l.holder);
  set_text(spec, "acquireTime", l.acquire_time);
  set_text(spec, "renewTime", l.renew_time);
  set_count(spec, "leaseDurationSeconds", l.duration.count());
  set_count(spec, "leaseTransitions", l.transitions);
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

async::awaitable<api_result<std::optional<lease>>> get_lease(api_client& api, std::string name,
                                                             base::time_point deadline) {
  const api_result<std::optional<std::string>> text =
      co_await get_object(api, leases, name, deadline);
  if (!text) co_return text.error();
  if (!*text) co_return std::optional<lease>();
  base::result<lease> l = parse_lease(**text);
  if (!l) co_return api_failure{l.error(), 200, std::nullopt};
  co_return std::move(*l);
}

async::awaitable<api_result<lease>> create_lease(api_client& api, lease fresh,
                                                 base::time_point deadline) {
  api_call call = object_call(api, verb::create, leases, fresh.name);
  call.body = lease_body(fresh, api.where().name_space);
  const api_result<http::response> answer = co_await api.send(std::move(call), deadline);
  co_return stored(answer);
}

async::awaitable<api_result<lease>> update_lease(api_client& api, lease changed,
                                                 base::time_point deadline) {
  api_call call = object_call(api, verb::update, leases, changed.name);
  call.body = lease_body(changed, api.where().name_space);
  const api_result<http::response> answer = co_await api.send(std::move(call), deadline);
  co_return stored(answer);
}

}  // namespace warren::kubernetes
