#pragma once

#include "agent/domain/formation.hpp"

#include <string>
#include <vector>

// What formation is decided from, as seen on node 0 of a StatefulSet "q".
namespace warren::testing {

inline constexpr base::time_point looked_at{std::chrono::hours(1)};

std::string node(int ordinal);    // "rabbit@q-N"
std::string uid_of(int ordinal);  // "uid-N"
std::vector<std::string> nodes(int count);

// Everything was just looked at: the own node holds no data, no broker runs, every other pod is
// there and its agent says that it holds none; there is no record yet.
domain::formation_view first_start(int count = 3);

domain::formation_member& peer(domain::formation_view& view, int ordinal);
domain::agent_facts& agent_of(domain::formation_view& view, int ordinal);
// Nothing is known of its agent and its broker.
void falls_silent(domain::formation_view& view, int ordinal);
// The API server has not answered for ten seconds.
void loses_the_api(domain::formation_view& view);
// Its pod is gone; its claim, if it is known, stays or is gone too.
void has_no_pod(domain::formation_view& view, int ordinal, domain::knowledge claim);
// Its broker runs as a member of a cluster of these.
void runs(domain::formation_view& view, int ordinal, const std::vector<std::string>& members,
          const std::string& cluster_id = "cluster-1");
// The own broker runs with these members.
void runs_itself(domain::formation_view& view, const std::vector<std::string>& members,
                 const std::string& cluster_id = "cluster-1");
void has_data(domain::formation_view& view);
void has_mark(domain::formation_view& view, const domain::mark& mark);
void has_record(domain::formation_view& view, const domain::cluster_record& record);
domain::cluster_record founded_record(int members, const std::string& cluster_id = "cluster-1");

// What the step leads to where everything goes well.
void done(domain::formation_view& view, const domain::formation_step& step);

domain::formation_step decide(const domain::formation_view& view,
                              const domain::formation_settings& settings = {});
// Does what is decided until it is one of these, at most twenty steps.
domain::formation_step decide_until(domain::formation_view& view, domain::formation_act act);

}  // namespace warren::testing
