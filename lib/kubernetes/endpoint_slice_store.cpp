#include "kubernetes/endpoint_slice_store.hpp"

#include <algorithm>
#include <utility>

namespace warren::kubernetes {
namespace {

bool same_endpoints(const endpoint_slice& a, const endpoint_slice& b) {
  return a.endpoints == b.endpoints;
}

}  // namespace

bool endpoint_slice_store::replace(std::vector<endpoint_slice> slices) {
  map fresh;
  for (endpoint_slice& slice : slices) {
    std::string name = slice.name;
    fresh.insert_or_assign(std::move(name), std::move(slice));
  }
  const bool same = std::equal(slices_.begin(), slices_.end(), fresh.begin(), fresh.end(),
                               [](const auto& a, const auto& b) {
                                 return a.first == b.first && same_endpoints(a.second, b.second);
                               });
  slices_ = std::move(fresh);
  return !same;
}

bool endpoint_slice_store::apply(watch_event event) {
  const auto held = slices_.find(event.slice.name);
  if (event.type == watch_event_type::deleted) {
    if (held == slices_.end()) return false;
    const bool had_any = !held->second.endpoints.empty();
    slices_.erase(held);
    return had_any;
  }
  if (held == slices_.end()) {
    const bool has_any = !event.slice.endpoints.empty();
    std::string name = event.slice.name;
    slices_.emplace(std::move(name), std::move(event.slice));
    return has_any;
  }
  const bool same = same_endpoints(held->second, event.slice);
  held->second = std::move(event.slice);
  return !same;
}

std::vector<endpoint> endpoint_slice_store::endpoints() const {
  std::size_t count = 0;
  for (const auto& [name, slice] : slices_) count += slice.endpoints.size();
  std::vector<endpoint> all;
  all.reserve(count);
  for (const auto& [name, slice] : slices_) {
    all.insert(all.end(), slice.endpoints.begin(), slice.endpoints.end());
  }
  return all;
}

}  // namespace warren::kubernetes
