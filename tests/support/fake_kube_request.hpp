#pragma once

#include "tests/support/fake_kube_store.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warren::testing {

// A request as kube-apiserver sees it after routing.
struct kube_request {
  std::string method;
  std::string path;
  std::map<std::string, std::string> query;    // decoded
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  // get, list, watch, create, update, patch, delete; empty if the path names no object.
  std::string verb;
  kube_key key;  // no name: the collection

  [[nodiscard]] std::string query_value(const std::string& name) const;
  [[nodiscard]] std::string header(const std::string& name) const;
};

// Fills path, query, verb and key from the request's target ("/api/v1/…?watch=1").
void route(kube_request& request, std::string_view target);

// Which objects a list or a watch is about: labelSelector (=, ==, !=, key, !key) and fieldSelector
// (=, == and != over any path).
class kube_selection {
 public:
  // Empty if a selector is malformed.
  static std::optional<kube_selection> of(const kube_request& request);
  [[nodiscard]] bool has(const nlohmann::json& object) const;

 private:
  struct term {
    std::vector<std::string> path;
    std::optional<std::string> value;  // empty: the key's presence
    bool equal = true;
  };
  static bool parse(const std::string& text, bool labels, std::vector<term>& into);

  const kube_resource* resource_ = nullptr;
  std::string name_space_;
  std::vector<term> terms_;
  friend std::optional<nlohmann::json> watch_event(const kube_change&, const kube_selection&);
};

// The event by which a watch over `selection` shows `change`: an object that comes into the
// selection is ADDED, one that leaves it DELETED. Empty if the watch does not see the change.
std::optional<nlohmann::json> watch_event(const kube_change& change,
                                          const kube_selection& selection);

}  // namespace warren::testing
