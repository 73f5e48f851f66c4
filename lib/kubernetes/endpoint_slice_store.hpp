#pragma once

#include "kubernetes/endpoint_slice_json.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace warren::kubernetes {

// The slices of one Service as the API server last told them, by name. Repeated and reordered
// events are harmless; only a list makes slices vanish that no event took away.
class endpoint_slice_store {
 public:
  // All there is. True if an endpoint is other than before.
  bool replace(std::vector<endpoint_slice> slices);
  // An added, modified or deleted event. True if an endpoint is other than before.
  bool apply(watch_event event);

  // Of all slices, in the order of their names: nothing is merged.
  [[nodiscard]] std::vector<endpoint> endpoints() const;
  [[nodiscard]] std::size_t size() const { return slices_.size(); }

 private:
  using map = std::map<std::string, endpoint_slice, std::less<>>;
  map slices_;
};

}  // namespace warren::kubernetes
