#pragma once

#include "agent/domain/formation_types.hpp"
#include "agent/snapshot_store.hpp"
#include "agent/tasks/lease_permission.hpp"
#include "async/awaitable.hpp"
#include "async/wakeup.hpp"
#include "kubernetes/lease_record.hpp"

#include <string>

namespace warren::agent {

struct record_keeper_settings {
  std::string service;
  base::duration request_timeout = std::chrono::seconds(3);
  base::duration hurried = std::chrono::milliseconds(250);  // while formation goes on
  base::duration slower = std::chrono::seconds(2);          // after a minute of that
  base::duration calm = std::chrono::minutes(10);  // and at once when the members have changed
};

// The cluster's record in the store as the API server has it, and the writes to it. Owner: the
// worker; must outlive run().
class record_keeper {
 public:
  record_keeper(kubernetes::api_client& api, snapshot_store& store,
                record_keeper_settings settings);

  // Reads it again and again. Ends only by cancellation.
  async::awaitable<void> run();
  // Reads it now; what comes of it is newer than this call, or an error.
  void look_now() { look_.notify(); }

  // Writes `record` if the record is still what was last read or written, and puts it into the
  // store; else, and after any failure, it counts as not known until it has been read again. Ends
  // by `deadline`.
  async::awaitable<base::result<void>> write(domain::cluster_record record,
                                             base::time_point deadline);

 private:
  async::awaitable<void> read();
  void note(const base::result<domain::record_view>& seen, base::time_point asked);

  kubernetes::api_client& api_;
  snapshot_store& store_;
  record_keeper_settings settings_;
  kubernetes::record_place place_;
  kubernetes::stored_record stored_;
  bool read_once_ = false;
  base::time_point wrote_at_;  // reads that were begun before do not count
  lease_permission permission_;
  bool denied_ = false;  // this keeper has said that Leases may not be used
  async::wakeup look_;
};

}  // namespace warren::agent
