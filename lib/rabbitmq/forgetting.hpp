#pragma once

#include "async/awaitable.hpp"
#include "base/result.hpp"
#include "erldist/connection.hpp"
#include "etf/term.hpp"
#include "rabbitmq/forget.hpp"
#include "rabbitmq/forget_calls.hpp"
#include "rabbitmq/parse_steps.hpp"
#include "rabbitmq/values.hpp"

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace warren::rabbitmq {

// One run: what it works on, and how far it is. A step gives why the next one may not follow.
class forgetting {
 public:
  forgetting(erldist::connection& link, std::string lost, base::time_point deadline,
             std::function<bool()> may_go_on)
      : link_(link),
        lost_(std::move(lost)),
        deadline_(deadline),
        may_go_on_(std::move(may_go_on)) {}

  // Without `complete`.
  async::awaitable<base::result<void>> run();
  forget_report& report() { return report_; }

 private:
  using done = base::result<void>;

  async::awaitable<done> look();
  async::awaitable<done> is_down();
  async::awaitable<done> name_lost_queues();
  async::awaitable<done> take_off_all();
  async::awaitable<done> take_off_once();
  async::awaitable<done> take_off_queues();
  async::awaitable<done> note(queue_outcome& outcome);
  async::awaitable<done> take_off_streams();
  async::awaitable<done> take_off_older_streams();
  async::awaitable<done> take_off_coordinator();
  async::awaitable<done> nothing_depends();
  async::awaitable<done> wait_for_leaders();
  async::awaitable<done> remove_member();
  async::awaitable<done> take_off_metadata();

  async::awaitable<base::result<etf::term>> ask(erldist::function_call call);
  [[nodiscard]] erldist::function_call there(const char* module, const char* function) const;
  async::awaitable<base::result<queue_list>> dependent(dependence what);
  // False, at once, if what then takes that long ends behind the deadline.
  async::awaitable<bool> pause(base::duration then = {});
  done take(const queue_outcome& outcome, queue_list& taken_off);
  done take_all(const std::vector<queue_outcome>& outcomes, queue_list& taken_off);

  erldist::connection& link_;
  std::string lost_;
  base::time_point deadline_;
  std::function<bool()> may_go_on_;
  metadata_store store_ = metadata_store::unknown;
  std::vector<std::string> others_;  // the members without the lost one
  std::set<std::string> changed_;    // queues that this run has taken a replica of
  forget_report report_;
};

}  // namespace warren::rabbitmq
