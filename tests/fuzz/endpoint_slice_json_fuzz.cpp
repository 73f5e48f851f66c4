// Every text the API server may answer with: no input may throw or use memory beyond its worth.
#include "kubernetes/endpoint_slice_json.hpp"
#include "kubernetes/endpoints_json.hpp"
#include "kubernetes/stateful_set.hpp"
#include "kubernetes/status_json.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto list = warren::kubernetes::parse_endpoint_slice_list(text);
  if (list && list->slices.size() > size) std::abort();
  const auto object = warren::kubernetes::parse_endpoints(text);
  if (object && object->endpoints.size() > size) std::abort();
  const auto set = warren::kubernetes::parse_stateful_set(text);
  if (set && set->replicas < 0) std::abort();
  if (warren::kubernetes::status_message(text).size() > 256) std::abort();
  return 0;
}
