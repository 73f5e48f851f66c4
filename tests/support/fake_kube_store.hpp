#pragma once

#include <nlohmann/json.hpp>

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace warren::testing {

// A kind of object that fake_kube_api knows, with the rules kube-apiserver has for it.
struct kube_resource {
  std::string_view group;  // "" is core
  std::string_view version;
  std::string_view plural;
  std::string_view kind;
  bool created_by_update;     // a PUT to a name that is not there creates it
  bool update_needs_version;  // a PUT must give metadata.resourceVersion

  [[nodiscard]] std::string api_version() const;  // "v1", "discovery.k8s.io/v1"
  [[nodiscard]] std::string qualified() const;    // "pods", "endpointslices.discovery.k8s.io"
};

// Null if there is no such resource.
const kube_resource* find_kube_resource(std::string_view group, std::string_view version,
                                        std::string_view plural);
// By qualified name. Throws std::invalid_argument.
const kube_resource& kube_resource_named(std::string_view qualified);
// By apiVersion and kind. Throws std::invalid_argument.
const kube_resource& kube_resource_of(const nlohmann::json& object);

struct kube_key {
  const kube_resource* resource = nullptr;
  std::string name_space;
  std::string name;
  auto operator<=>(const kube_key&) const = default;
};

enum class kube_change_type { added, modified, deleted };

struct kube_change {
  std::uint64_t version = 0;
  kube_change_type type = kube_change_type::added;
  kube_key key;
  nlohmann::json object;  // the last state, if deleted
  nlohmann::json before;  // null if added
};

// The objects, under one version that grows with each change, and every change since the start.
// No IO.
class fake_kube_store {
 public:
  [[nodiscard]] const nlohmann::json* find(const kube_key& key) const;
  // Creates or replaces; sets the metadata that a server sets, keeping those of the object that was
  // there. A put that changes nothing is none, as in Kubernetes. Returns what is stored.
  nlohmann::json put(const kube_key& key, nlohmann::json object);
  // False if it is not there.
  bool remove(const kube_key& key);

  // As it was at `version`, by namespace and name; all namespaces if `name_space` is empty.
  [[nodiscard]] std::vector<nlohmann::json> list(const kube_resource& resource,
                                                 std::string_view name_space,
                                                 std::uint64_t version) const;

  [[nodiscard]] std::uint64_t version() const { return version_; }
  // Something else has changed in the cluster.
  void skip_version() { ++version_; }
  [[nodiscard]] const std::vector<kube_change>& changes() const { return changes_; }

  // What happened up to now can no longer be watched or paged through.
  void compact() { oldest_ = version_; }
  [[nodiscard]] std::uint64_t oldest() const { return oldest_; }

 private:
  void record(kube_change_type type, const kube_key& key, const nlohmann::json& object,
              nlohmann::json before);

  std::map<kube_key, nlohmann::json> objects_;
  std::vector<kube_change> changes_;
  std::uint64_t version_ = 1000;
  std::uint64_t oldest_ = 1000;
  std::uint64_t uids_ = 0;
};

// "2026-03-01T10:00:00Z"
std::string kube_time_now();

}  // namespace warren::testing
