#pragma once

#include "async/awaitable.hpp"
#include "kubernetes/api_client.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace warren::kubernetes {

constexpr std::size_t max_lease = std::size_t{2} * 1024 * 1024;  // etcd's default is 1.5 MiB

// coordination.k8s.io/v1 Lease. An empty text or a zero is a field that is absent.
struct lease {
  std::string name;
  std::string uid;
  std::string resource_version;      // opaque: only equality means something
  std::string holder;                // spec.holderIdentity; empty: nobody holds it
  std::chrono::seconds duration{0};  // spec.leaseDurationSeconds
  // MicroTime: RFC 3339 with six digits behind the seconds. By the holder's clock, so for people.
  std::string acquire_time;
  std::string renew_time;
  std::int64_t transitions = 0;  // spec.leaseTransitions
  std::map<std::string, std::string> annotations;
  std::string raw;  // the object as the server sent it; empty for one that is to be created
};

// Fails with malformed_answer for what is not a Lease, with answer_too_large beyond max_lease.
// Total.
base::result<lease> parse_lease(std::string_view json);

// The object to send: that in `l.raw` with the fields above put in, so that labels, owners and
// whatever else is not known here stay as they are. Total: what cannot be read of `raw` is left
// out.
std::string lease_body(const lease& l, std::string_view name_space);

// Each ends by `deadline` with the Lease as it is stored. A Role must grant get, create and update
// on leases.coordination.k8s.io: expect errc::forbidden.

// Reads a Lease of the client's namespace, as etcd has it now. Nothing if the server says that
// there is no such Lease.
async::awaitable<api_result<std::optional<lease>>> get_lease(api_client& api, std::string name,
                                                             base::time_point deadline);

// errc::conflict if there is a Lease of that name, whoever created it.
async::awaitable<api_result<lease>> create_lease(api_client& api, lease fresh,
                                                 base::time_point deadline);

// Writes `changed`, which was read before. errc::conflict if the stored one has another
// resource_version or uid by now, or is gone. A connection that broke may have this sent twice:
// then a conflict may be with the own first try.
async::awaitable<api_result<lease>> update_lease(api_client& api, lease changed,
                                                 base::time_point deadline);

}  // namespace warren::kubernetes
