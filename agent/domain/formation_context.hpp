#pragma once

#include "agent/domain/formation.hpp"

#include <string>
#include <utility>
#include <vector>

// What the parts of the decision table share; included by formation_*.cpp only.
namespace warren::domain::formation {

struct context {
  const formation_view& view;
  const formation_settings& settings;
  base::time_point now;
  bool since_lock = false;  // only what was looked at since the lock was taken counts
  clusters_seen seen;

  // True if it was looked at a moment ago, with success. A look that failed after it takes nothing
  // away from what was seen.
  template <class T>
  [[nodiscard]] bool fresh(const base::observed<T>& o) const {
    if (!o.value || now - *o.seen_at > settings.fresh_for) return false;
    return !since_lock || *o.seen_at >= *view.lock_taken_at;
  }
  [[nodiscard]] bool holds_lock() const { return view.holds_lock(now); }
  // Its last value is not older than the source of peers or of the StatefulSet can say.
  template <class T>
  [[nodiscard]] bool known(const base::observed<T>& o) const {
    return o.current() || (o.value && now - *o.seen_at <= settings.fresh_for);
  }
  // Leases may be used and the record has just been read. What a write has made of it does not
  // matter: the next one fails if it is another one by now.
  [[nodiscard]] bool record_known() const { return view.leases && fresh(view.record); }
  // As it was read: null if it was not, or if there is none.
  [[nodiscard]] const cluster_record* record() const;
  [[nodiscard]] const formation_member* member(const std::string& node) const;
  [[nodiscard]] const domain::mark* mark() const;
};

formation_step wait(std::string reason, std::string problem = {});

// `step`, once the lock is held; before that, how to get it.
formation_step under_lock(const context& c, formation_step step);
// Writes the record under the lock. The wait where it is not known.
formation_step write_under_lock(const context& c, cluster_record record, std::string reason);

// What its agent has just said under the expected pod uid; null if it did not.
const agent_facts* agent_of(const context& c, const formation_member& m);
// Whether that broker runs in the cluster of the record.
bool is_recorded(const context& c, const broker_facts& broker);
presence presence_of(const context& c, const formation_member& m);
// Whether its broker has booted alone and has never been a member: what it holds is what a first
// boot seeds, and it joins whatever cluster there will be.
bool stands_aside(const context& c, const formation_member& m);
// Whether its agent says that it is on its way to join `target` and nothing else.
bool joins(const context& c, const formation_member& m, const std::string& target);
// What is known of the data of another member.
knowledge data_of(const context& c, const formation_member& m);
// All but the own that may hold data of the cluster: expected or recorded, sorted.
std::vector<std::string> other_members(const context& c);
// A running member whose mark does not say so yet: alone it would be taken for one that has not
// joined. Empty if there is none.
std::string about_to_be_member(const context& c, const running_cluster& cluster);
bool is_lowest_expected(const context& c);
// Whether the record names a founder that may be booting.
bool is_founding(const cluster_record* record);
// Brokers that keep their data where this agent does not look; empty if none is known to.
std::string data_elsewhere(const context& c);
// Waits for all that may hold data, and says of whom and why.
formation_step wait_for_data(const context& c, const std::vector<std::string>& holders);

// Mark, door, open: in this order, each only if it is not done yet.
formation_step go_in(const context& c, domain::mark mark, door_kind door, std::string why);
// Goes in to join `target`, which runs as a member of `cluster`, or is a founder that may still
// boot (null), by the door that is safe.
formation_step go_in_to(const context& c, const std::string& target, const running_cluster* cluster,
                        std::string why);
// The same, by calls alone.
formation_step go_in_by_calls(const context& c, const std::string& target, std::string why);
// Joins the cluster that runs; forgets the own lost incarnation first where it is still listed.
formation_step join_cluster(const context& c, const running_cluster& cluster);
// Names this node as the founder, then goes in. `overruled`: by what, where others may hold data.
formation_step found_cluster(const context& c, std::string why, std::string overruled = {});

formation_step before_opening(const context& c);
formation_step after_opening(const context& c);
bool outside(const context& c);

}  // namespace warren::domain::formation
