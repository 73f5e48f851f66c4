#include "tests/support/fake_kube_store.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <stdexcept>
#include <utility>

namespace warren::testing {
namespace {

using nlohmann::json;

constexpr std::array<kube_resource, 9> resources = {{
    {"discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", false, false},
    {"", "v1", "endpoints", "Endpoints", true, false},
    {"events.k8s.io", "v1", "events", "Event", true, false},
    {"", "v1", "events", "Event", true, false},
    {"coordination.k8s.io", "v1", "leases", "Lease", true, true},
    {"apps", "v1", "statefulsets", "StatefulSet", false, false},
    {"", "v1", "pods", "Pod", false, false},
    {"", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", false, false},
    {"", "v1", "services", "Service", false, false},
}};

std::string numbered_uid(std::uint64_t n) {
  std::array<char, 40> out{};
  std::snprintf(out.data(), out.size(), "5d0f9a3e-0000-4000-8000-%012llx",
                static_cast<unsigned long long>(n));
  return out.data();
}

}  // namespace

std::string kube_resource::api_version() const {
  if (group.empty()) return std::string(version);
  return std::string(group) + "/" + std::string(version);
}

std::string kube_resource::qualified() const {
  if (group.empty()) return std::string(plural);
  return std::string(plural) + "." + std::string(group);
}

const kube_resource* find_kube_resource(std::string_view group, std::string_view version,
                                        std::string_view plural) {
  for (const kube_resource& r : resources) {
    if (r.group == group && r.version == version && r.plural == plural) return &r;
  }
  return nullptr;
}

const kube_resource& kube_resource_named(std::string_view qualified) {
  for (const kube_resource& r : resources) {
    if (r.qualified() == qualified) return r;
  }
  throw std::invalid_argument("fake_kube_api has no resource " + std::string(qualified));
}

const kube_resource& kube_resource_of(const json& object) {
  const std::string api_version = object.value("apiVersion", "");
  const std::string kind = object.value("kind", "");
  for (const kube_resource& r : resources) {
    if (r.api_version() == api_version && r.kind == kind) return r;
  }
  throw std::invalid_argument("fake_kube_api has no " + kind + " in " + api_version);
}

const json* fake_kube_store::find(const kube_key& key) const {
  const auto found = objects_.find(key);
  return found == objects_.end() ? nullptr : &found->second;
}

json fake_kube_store::put(const kube_key& key, json object) {
  const json* before = find(key);
  json& metadata = object["metadata"];
  object["apiVersion"] = key.resource->api_version();
  object["kind"] = key.resource->kind;
  metadata["name"] = key.name;
  metadata["namespace"] = key.name_space;
  for (const char* kept : {"uid", "creationTimestamp", "resourceVersion"}) {
    if (metadata.contains(kept) && metadata[kept].is_null()) metadata.erase(kept);
    if (before != nullptr && !metadata.contains(kept)) {
      metadata[kept] = before->at("metadata").at(kept);
    }
  }
  if (before != nullptr) {
    metadata["resourceVersion"] = before->at("metadata").at("resourceVersion");
    if (object == *before) return object;
  }
  if (!metadata.contains("uid")) metadata["uid"] = numbered_uid(++uids_);
  if (!metadata.contains("creationTimestamp")) metadata["creationTimestamp"] = kube_time_now();
  ++version_;
  metadata["resourceVersion"] = std::to_string(version_);
  const kube_change_type type =
      before == nullptr ? kube_change_type::added : kube_change_type::modified;
  record(type, key, object, before == nullptr ? json() : *before);
  objects_[key] = object;
  return object;
}

bool fake_kube_store::remove(const kube_key& key) {
  const auto found = objects_.find(key);
  if (found == objects_.end()) return false;
  ++version_;
  json object = std::move(found->second);
  objects_.erase(found);
  json before = object;
  object["metadata"]["resourceVersion"] = std::to_string(version_);
  record(kube_change_type::deleted, key, object, std::move(before));
  return true;
}

void fake_kube_store::record(kube_change_type type, const kube_key& key, const json& object,
                             json before) {
  changes_.push_back({version_, type, key, object, std::move(before)});
}

std::vector<json> fake_kube_store::list(const kube_resource& resource, std::string_view name_space,
                                        std::uint64_t version) const {
  std::map<kube_key, const json*> at;
  for (const kube_change& change : changes_) {
    if (change.version > version) break;
    if (change.key.resource != &resource) continue;
    if (!name_space.empty() && change.key.name_space != name_space) continue;
    if (change.type == kube_change_type::deleted) {
      at.erase(change.key);
    } else {
      at[change.key] = &change.object;
    }
  }
  std::vector<json> out;
  out.reserve(at.size());
  for (const auto& [key, object] : at) out.push_back(*object);
  return out;
}

std::string kube_time_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> out{};
  std::strftime(out.data(), out.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return out.data();
}

}  // namespace warren::testing
