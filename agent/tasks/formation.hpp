#pragma once

#include "agent/settings.hpp"
#include "agent/snapshot_store.hpp"
#include "agent/tasks/broker_link.hpp"
#include "agent/tasks/formation_looks.hpp"
#include "agent/tasks/formation_loop.hpp"
#include "agent/tasks/record_keeper.hpp"
#include "async/task_group.hpp"

#include <functional>
#include <memory>

namespace warren::agent {

// The start gate's parts, wired. Owner: the worker; must outlive the tasks that it spawns.
class formation {
 public:
  // `api` is null for peer sources without an API server. `look_at_peers` makes the other tasks
  // look at all peers now.
  formation(const async::asio::any_io_executor& executor, kubernetes::api_client* api,
            snapshot_store& store, const settings& s, const broker_link_settings& broker,
            std::function<void()> look_at_peers);

  void spawn(async::task_group& tasks);

 private:
  formation_looks looks_;
  std::unique_ptr<record_keeper> record_;
  formation_loop loop_;
};

}  // namespace warren::agent
