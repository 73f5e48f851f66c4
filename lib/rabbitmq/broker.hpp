#pragma once

#include "async/awaitable.hpp"
#include "base/result.hpp"
#include "erldist/connection.hpp"
#include "rabbitmq/questions.hpp"
#include "rabbitmq/values.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace warren::rabbitmq {

// What changes often and must be seen soon. Each answer stands for itself: with the application
// stopped the alarms cannot be asked (no_process), and that is not a failure of the node.
struct pulse {
  base::result<boot_state> boot;
  base::result<bool> paused;
  base::result<bool> draining;
  base::result<std::vector<std::string>> alarms;  // resources of local ones
};

// Asks the broker at the other end of a connection, which must outlive it. One per connection:
// another incarnation of the broker may be another version. Every question ends by its deadline and
// fails as connection::call() does, or with unexpected_answer. Alarms and listeners are answered
// only while the broker runs.
class broker {
 public:
  explicit broker(erldist::connection& link) : link_(link) {}

  // All of it in one write once it has booted. `paused` is true while pause_minority or
  // pause_if_all_down (up to 4.2) has stopped the broker.
  async::awaitable<pulse> look(base::time_point deadline);
  async::awaitable<base::result<std::vector<listener>>> listeners(base::time_point deadline);
  // Fails with no_members or an errc of erldist while the broker does not run.
  async::awaitable<base::result<membership>> cluster(base::time_point deadline);
  async::awaitable<base::result<std::string>> version(base::time_point deadline);
  // Fails only if the broker answers neither of its version and its boot state.
  async::awaitable<base::result<formation_facts>> formation(base::time_point deadline);
  // Whether the node is alone in its cluster and holds only the default user and virtual host, no
  // queue, no exchange of its own, no policy and no parameter: joining by calls throws away what it
  // holds. Fails with not_running unless the broker is ready, so that an empty table is never taken
  // for an empty broker.
  async::awaitable<base::result<own_content>> content(base::time_point deadline);

 private:
  using answers = std::vector<base::result<etf::term>>;
  async::awaitable<answers> ask(std::vector<question> questions, base::time_point deadline);
  async::awaitable<base::result<etf::term>> ask(question q, base::time_point deadline);

  erldist::connection& link_;
  std::array<std::size_t, question_count> choices_{};  // of functions, by question
  // As was seen last. Until it has booted it is not asked for what lies in its tables: 4.0 tries
  // such a call a hundred times and logs that, which holds up its boot.
  bool boots_ = true;
};

}  // namespace warren::rabbitmq
