#include "agent/tasks/formation.hpp"

#include <functional>
#include <utility>

namespace warren::agent {
namespace {

std::unique_ptr<record_keeper> keeper(kubernetes::api_client* api, snapshot_store& store,
                                      const settings& s) {
  if (api == nullptr) return nullptr;
  record_keeper_settings record;
  record.service = s.peers.service;
  return std::make_unique<record_keeper>(*api, store, std::move(record));
}

// Joins the reports of attempts, of which each tells what it did itself, until one is complete.
std::function<void(const rabbitmq::forget_report&)> teller(snapshot_store& store) {
  return [&store, sum = domain::forgotten_report()](const rabbitmq::forget_report& report) mutable {
    sum.quorum_queues += report.shrunk.count;
    sum.streams += report.streams.count;
    if (report.lost.count > 0) {
      sum.lost = report.lost.count;
      sum.lost_names = report.lost.names;
    }
    if (!report.complete) return;
    sum.node = store.current().world.node;
    sum.at = base::steady::now();
    store.change(sum.at, [&sum](snapshot& s) { s.world.gate.forgotten = sum; });
    sum = {};
  };
}

formation_loop_settings loop_settings(snapshot_store& store, const settings& s,
                                      const broker_link_settings& broker,
                                      std::function<void()> look_at_peers) {
  formation_loop_settings loop;
  loop.rules = s.formation.rules;
  loop.conf_dir = s.formation.conf_dir;
  loop.data_dir = s.formation.data_dir;
  loop.service = s.peers.service;
  loop.lock_duration = std::chrono::duration_cast<std::chrono::seconds>(s.formation.lock_duration);
  loop.broker = broker.target;
  loop.cookie = broker.cookie;
  loop.look_at_peers = std::move(look_at_peers);
  loop.forgot = teller(store);
  return loop;
}

}  // namespace

formation::formation(const async::asio::any_io_executor& executor, kubernetes::api_client* api,
                     snapshot_store& store, const settings& s, const broker_link_settings& broker,
                     std::function<void()> look_at_peers)
    : looks_(executor, api, store, s),
      record_(keeper(api, store, s)),
      loop_(executor, api, store, looks_, record_.get(),
            loop_settings(store, s, broker, std::move(look_at_peers))) {}

void formation::spawn(async::task_group& tasks) {
  if (record_) tasks.spawn("read the cluster's record", record_->run());
  tasks.spawn("look for claims", looks_.watch_claims());
  tasks.spawn("form the cluster", loop_.run());
}

}  // namespace warren::agent
