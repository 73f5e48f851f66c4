// Any bytes are a Lease or none; what was read and is sent again unchanged is the same Lease.
#include "kubernetes/lease.hpp"
#include "kubernetes/pod.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace warren::kubernetes;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto pod = parse_pod(text);
  if (pod && pod->uid.empty()) std::abort();
  const auto l = parse_lease(text);
  if (!l) return 0;
  if (l->duration.count() < 0 || l->transitions < 0) std::abort();
  const auto again = parse_lease(lease_body(*l, "default"));
  if (!again) std::abort();
  if (again->uid != l->uid || again->resource_version != l->resource_version) std::abort();
  if (again->holder != l->holder || again->duration != l->duration) std::abort();
  if (again->renew_time != l->renew_time || again->transitions != l->transitions) std::abort();
  if (again->annotations != l->annotations) std::abort();
  return 0;
}
