#pragma once

#include "agent/domain/formation.hpp"
#include "agent/log.hpp"
#include "agent/snapshot_store.hpp"
#include "agent/tasks/broker_call.hpp"
#include "agent/tasks/formation_looks.hpp"
#include "agent/tasks/lease_permission.hpp"
#include "agent/tasks/record_keeper.hpp"
#include "async/awaitable.hpp"
#include "erldist/connect.hpp"
#include "kubernetes/lock_holder.hpp"
#include "rabbitmq/forget.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>

namespace warren::agent {

// How formation acts on brokers and files.
struct formation_loop_settings {
  domain::formation_settings rules;
  std::string conf_dir;
  std::string data_dir;
  std::string service;
  std::chrono::seconds lock_duration{10};
  // To the own broker; for others, node and addresses are replaced.
  erldist::connect_target broker;
  std::function<base::result<base::secret>()> cookie;
  std::function<void()> look_at_peers;  // now
  // Told when the own lost incarnation was removed, or how far that came.
  std::function<void(const rabbitmq::forget_report&)> forgot;
  base::duration hurried = std::chrono::milliseconds(50);  // between looks while formation goes on
  base::duration calm = std::chrono::seconds(2);
};

// Obeys domain::next_step until the broker is a member, and keeps watching. Decides nothing. Owner:
// the worker; must outlive run().
class formation_loop {
 public:
  // `api` and `record` are null for peer sources without an API server.
  formation_loop(const async::asio::any_io_executor& executor, kubernetes::api_client* api,
                 snapshot_store& store, formation_looks& looks, record_keeper* record,
                 formation_loop_settings settings);

  // Ends only by cancellation.
  async::awaitable<void> run();

 private:
  // True if the step was done: the next one can be decided at once.
  async::awaitable<bool> obey(domain::formation_step step);
  async::awaitable<bool> take_lock();
  async::awaitable<void> ask_for_lock_again();
  async::awaitable<void> drop_lock();
  async::awaitable<bool> write_record(const domain::formation_step& step);
  async::awaitable<bool> write_files(const domain::formation_step& step);
  async::awaitable<bool> forget(std::string via);
  async::awaitable<bool> join(std::string via);
  // with_broker(), and keeps the lock meanwhile.
  async::awaitable<base::result<void>> holding(erldist::connect_target to, broker_work work);
  async::awaitable<void> renew();
  // Tells of an act that failed, gives the lock back and waits for a while. False.
  async::awaitable<bool> gives_way(std::string what, base::failure why);
  // Whether it is held just now; for as long as this object lives.
  std::function<bool()> holds_lock() const;

  void decide();
  base::result<erldist::connect_target> target(const std::string& node) const;
  bool failed(std::string_view what, const base::failure& why);

  async::asio::any_io_executor executor_;
  snapshot_store& store_;
  formation_looks& looks_;
  record_keeper* record_;
  formation_loop_settings settings_;
  std::unique_ptr<kubernetes::lock_holder> lock_;
  lease_permission permission_;
  std::optional<base::time_point> lock_refused_at_;  // for good, and asked for again since
  std::minstd_rand random_{std::random_device{}()};
  std::vector<std::string> members_;  // of the own cluster when the record was last asked for
  // Why the last act failed; empty once another one was decided.
  domain::formation_act failed_act_ = domain::formation_act::wait;
  std::string failure_;
  std::string failure_problem_;
  std::string reason_;  // of the decision, and since when it is that one
  base::time_point same_since_;
  told_once said_;
};

}  // namespace warren::agent
