#pragma once

#include "agent/domain/formation.hpp"
#include "tests/simulation/api_server.hpp"
#include "tests/simulation/plan.hpp"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace warren::simulation {

struct world;
struct pod;

// An agent's process: looks, decides by domain::next_step, does that one step, looks again.
class agent {
 public:
  agent(world& w, pod& in) : w_(w), pod_(in) {}

  void start();
  void kill();
  void pause(duration d);
  [[nodiscard]] bool alive() const { return alive_; }
  [[nodiscard]] bool paused() const { return paused_; }
  // GET /v1/status: answers when it can; never, if its process ends before.
  void ask(const std::function<void(const domain::agent_facts&)>& reply);
  [[nodiscard]] const domain::formation_step& last_step() const { return last_; }
  [[nodiscard]] const domain::formation_view& view() const { return view_; }

 private:
  // `what` happens after that time, unless the process has ended; later if it is paused.
  void post(duration wait, std::function<void()> what);
  void call_api(std::function<api_answer()> serve, std::function<void(const api_answer&)> reply);

  void keep_looking_at_itself();
  void look_at_itself();
  [[nodiscard]] bool has_read_door() const;
  void look_at_api();
  void look_at_list();
  void look_at_expected();
  void look_at_record();
  void note_permission(api_code answer);
  void look_at_claim(const std::string& node);
  void look_at_peer(const std::string& node);
  void look_at_all();
  void ask_agent(const std::string& node, const std::string& uid);
  void ask_broker(const std::string& node, const std::string& uid);
  void heard(const std::string& node, time_point asked, const domain::agent_facts* facts);
  void seen(const std::string& node, time_point asked, const domain::broker_facts& facts);
  domain::formation_member* member(const std::string& node);
  void renew_members();
  void note_door_target();
  [[nodiscard]] duration pause_between_looks();

  void decide_soon();
  void decide();
  void begin(const domain::formation_step& step);
  void do_step(const domain::formation_step& step);
  void landed(const domain::formation_step& step);
  void done(const domain::formation_step& step);
  void take_lock();
  void lock_answered(time_point sent, const api_answer& a);
  void lock_held();
  void drop_lock();
  void write_record();
  void write_mark();
  void write_door();
  void open();
  void forget();
  void join();
  void call_broker(int node, const std::function<void(const std::function<void(bool)>&)>& what,
                   const std::function<void(bool)>& reply);

  world& w_;
  pod& pod_;
  long life_ = 0;
  bool alive_ = false;
  bool paused_ = false;
  std::vector<std::function<void()>> backlog_;

  domain::formation_view view_;
  domain::formation_step last_;
  domain::formation_step current_;
  bool busy_ = false;
  bool decision_due_ = false;
  int quiet_ = 0;                             // decisions in a row that came to the same wait
  std::array<std::string, most_nodes> uids_;  // as last listed
  bool list_known_ = false;
  std::optional<time_point> refused_since_;  // Leases
  int claims_known_ = 0;
  time_point record_read_after_;  // reads of the record from before are out of date
  time_point target_ran_at_;
  int booting_ = 0;              // the incarnation of the broker that was last seen
  std::optional<int> restarts_;  // that incarnation's liveness fails
  std::string door_target_;
  std::optional<domain::mark> mark_written_;  // by this process
  // The Lease of another as first seen so.
  long lock_version_ = -1;
  time_point lock_seen_at_;
};

}  // namespace warren::simulation
