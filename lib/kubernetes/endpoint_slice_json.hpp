#pragma once

#include "base/result.hpp"
#include "kubernetes/endpoint.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warren::kubernetes {

constexpr std::size_t max_slices = 4000;        // in one list
constexpr std::size_t max_endpoints = 100'000;  // in one list or slice

// One page of an EndpointSliceList.
struct endpoint_slice_list {
  std::vector<endpoint_slice> slices;
  std::string resource_version;
  std::string continue_token;  // empty on the last page
};

// Fails with malformed_answer for what is not an EndpointSliceList (an empty object is not an empty
// list), with answer_too_large beyond the limits above. Total.
base::result<endpoint_slice_list> parse_endpoint_slice_list(std::string_view json);

enum class watch_event_type { added, modified, deleted, bookmark, error, unknown };

// One line of a watch.
struct watch_event {
  watch_event_type type = watch_event_type::unknown;
  endpoint_slice slice;  // bookmark: only its resource_version
  int code = 0;          // error: the Status's code, 410 for a version that is too old
  std::string message;   // error, at most 256 bytes
  std::optional<std::chrono::seconds> retry_after;  // error
};

// Fails with malformed_answer or answer_too_large. Total.
base::result<watch_event> parse_watch_event(std::string_view json);

}  // namespace warren::kubernetes
