#pragma once

#include "tests/simulation/disk.hpp"
#include "tests/simulation/plan.hpp"

#include <functional>
#include <optional>
#include <string>

namespace warren::simulation {

struct world;
struct pod;

using when_done = std::function<void(bool ok)>;

// A broker's container: each start reads conf.d anew. What it does with it is what the stock
// brokers of its version do.
class broker {
 public:
  broker(world& w, pod& in) : w_(w), pod_(in) {}

  void start();
  // It does nothing by itself until it is let go on, as on a machine that is too busy.
  void hold(bool on) { held_ = on; }
  // SIGKILL, or its own end. kubelet starts it again unless its pod goes.
  void kill(const char* why);

  [[nodiscard]] bool has_process() const { return process_; }
  [[nodiscard]] bool app_stopped() const { return boot_ == domain::boot_state::stopped; }
  [[nodiscard]] bool runs() const { return process_ && registered_; }
  [[nodiscard]] bool ready() const { return boot_ == domain::boot_state::ready; }
  // Its store has what the others have, and takes part in their changes.
  [[nodiscard]] bool takes_part() const { return ready() || finishing_; }
  [[nodiscard]] int incarnation() const { return incarnation_; }
  [[nodiscard]] time_point began() const { return began_; }
  [[nodiscard]] domain::broker_facts facts() const;
  // Khepri: its member of that cluster's Raft group answers.
  [[nodiscard]] bool votes_in(const std::string& cluster_id) const;
  // Mnesia: it has data of that cluster and waits for others.
  [[nodiscard]] bool waits_in(const std::string& cluster_id) const;
  [[nodiscard]] const database* db() const;
  database* db();
  [[nodiscard]] int node() const;
  // It runs alone and has the mark of a node that has not joined: no cluster.
  [[nodiscard]] bool stands_aside() const;
  // Its door leads to another one and to nothing else, whatever the clocks say.
  [[nodiscard]] bool must_not_boot_alone() const;

  // What an agent may call. Each takes its time; an answer may come after the caller's end.
  void stop_app(const when_done& done);
  void join_by_call(int target, const when_done& done);
  void start_app(const when_done& done);
  bool forget(int node);
  // Takes what has changed without it: as its store starts, and once a link is back that was away
  // for less than the net tick.
  void catch_up();

 private:
  void after(duration least, duration most, std::function<void()> what);
  void later(duration least, duration most, std::function<void()> what);
  void go();
  void discover();
  void discover_classic();
  void retry_discovery();
  void found_alone();
  void has_founded();
  void join(int target, bool by_call, const when_done& done);
  void join_mnesia(int target, bool by_call, const when_done& done);
  void join_khepri(int target, const when_done& done);
  bool take_from_members(const std::string& id);
  void sync();
  bool sync_mnesia();
  bool sync_khepri();
  void copy_from(const broker& other);
  static void note_change(const std::vector<broker*>& members);
  void finish(duration least, duration most);
  void fail_boot(const char* why);
  void say(const std::string& what) const;
  [[nodiscard]] bool khepri() const;
  [[nodiscard]] bool reaches(const broker& other) const;

  world& w_;
  pod& pod_;
  int incarnation_ = 0;
  long life_ = 0;  // grows with each start, end, stop_app and start_app
  bool process_ = false;
  bool registered_ = false;  // in EPMD
  bool syncing_ = false;
  bool finishing_ = false;
  std::optional<domain::boot_state> boot_;
  std::optional<domain::door> door_;  // as conf.d said when the process began
  duration waited_{};
  int tries_ = 0;
  bool held_ = false;
  time_point began_;
};

}  // namespace warren::simulation
