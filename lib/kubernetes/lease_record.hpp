#pragma once

#include "kubernetes/lease.hpp"

#include <optional>
#include <string>

namespace warren::kubernetes {

// Where a small text is kept that all pods share: one annotation of a Lease that has no holder and
// no owner, so that it outlives the release. At most 256 KiB with all other annotations.
struct record_place {
  std::string lease;       // its name, in the client's namespace
  std::string annotation;  // its key, "example.com/record"
};

// The text as it was read, with what the next write is compared with.
struct stored_record {
  std::optional<std::string> text;         // nothing: no Lease, or one without that annotation
  std::optional<kubernetes::lease> lease;  // nothing: there is no such Lease
};

// Reads the text as etcd has it now. Ends by `deadline`.
async::awaitable<api_result<stored_record>> get_record(api_client& api, record_place place,
                                                       base::time_point deadline);

// Compares and swaps: writes `text` if the Lease is still as `before` says, and creates it if it
// was not there. errc::conflict if it has changed in any way, has been created, or is gone: read
// again and decide again. Leaves the Lease's other contents as they are. Ends by `deadline` with
// what is stored; without an answer it may or may not be written.
async::awaitable<api_result<stored_record>> put_record(api_client& api, record_place place,
                                                       stored_record before, std::string text,
                                                       base::time_point deadline);

}  // namespace warren::kubernetes
