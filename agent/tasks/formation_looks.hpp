#pragma once

#include "agent/settings.hpp"
#include "agent/snapshot_store.hpp"
#include "async/awaitable.hpp"
#include "async/wakeup.hpp"
#include "kubernetes/api_client.hpp"

#include <map>
#include <string>
#include <vector>

namespace warren::agent {

// What formation is decided from besides the peers' own words: the own disk, the claims of pods
// that are not there, who is expected. Owner: the worker; must outlive watch_claims().
class formation_looks {
 public:
  // `api` is null for peer sources without an API server.
  formation_looks(const async::asio::any_io_executor& executor, kubernetes::api_client* api,
                  snapshot_store& store, const settings& s);

  // Makes store.formation whole as of now: reads the own files (blocks, for local files only), and
  // puts together what others have put into the store.
  void look();
  // Looks for the claims of members without a pod, or, where the StatefulSet has none, for the pods
  // themselves, while the gate is closed. Ends only by cancellation.
  async::awaitable<void> watch_claims();
  void look_now() { look_.notify(); }

 private:
  void look_at_files(domain::formation_view& view, base::time_point now);
  void expect(domain::formation_view& view, const snapshot& s, base::time_point now);
  void expect_pods(domain::formation_view& view, int first, int count,
                   base::time_point seen_at) const;
  void list_members(domain::formation_view& view, const snapshot& s) const;
  static void follow_door(domain::formation_view& view, base::time_point now);
  static void follow_broker(domain::formation_view& view, const snapshot& s, base::time_point now);
  async::awaitable<void> look_at_claim(std::string node, std::vector<std::string> templates);
  async::awaitable<void> look_beyond(std::vector<std::string> templates);
  async::awaitable<base::result<bool>> has_claim(std::string pod,
                                                 std::vector<std::string> templates);

  kubernetes::api_client* api_;
  snapshot_store& store_;
  settings settings_;
  std::map<std::string, base::observed<bool>> claims_;  // by node
  std::vector<std::string> beyond_;  // nodes after the last expected one that have a claim
  base::time_point looked_at_conf_;
  bool asked_beyond_ = false;
  bool looked_beyond_ = false;
  async::wakeup look_;
};

}  // namespace warren::agent
