#include "rabbitmq/broker.hpp"

#include "erldist/errc.hpp"
#include "rabbitmq/errc.hpp"
#include "rabbitmq/parse.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace warren::rabbitmq {
namespace {

using etf::term;

template <class Parse, class... More>
auto parsed(const base::result<term>& answer, Parse parse, const More&... more)
    -> decltype(parse(*answer, more...)) {
  if (!answer) return answer.error();
  return parse(*answer, more...);
}

bool is_undefined(const base::result<term>& answer) {
  return answer.has_error() && answer.error().code == erldist::errc::undefined_function;
}

}  // namespace

// Asks again those whose function the broker does not have, by the next function.
async::awaitable<broker::answers> broker::ask(std::vector<question> questions,
                                              base::time_point deadline) {
  answers all(questions.size(), base::result<term>(term()));
  std::vector<std::size_t> open(questions.size());
  for (std::size_t i = 0; i < open.size(); ++i) open[i] = i;
  while (!open.empty()) {
    std::vector<erldist::function_call> calls;
    std::vector<std::size_t> asked;
    for (const std::size_t i : open) {
      const std::size_t choice = choices_[static_cast<std::size_t>(questions[i])];
      auto call = function_for(questions[i], choice, link_.peer().name);
      if (call) {
        calls.push_back(std::move(*call));
        asked.push_back(i);
      } else {
        all[i] = *answer_without_function(questions[i]);
      }
    }
    open.clear();
    if (asked.empty()) break;
    const auto choices = choices_;
    auto got = co_await link_.call_all(std::move(calls), deadline);
    for (std::size_t n = 0; n < asked.size(); ++n) {
      const std::size_t i = asked[n];
      const auto q = static_cast<std::size_t>(questions[i]);
      all[i] = std::move(got[n]);
      if (!is_undefined(all[i])) continue;
      // Another coroutine may have found it out meanwhile.
      const std::size_t next = choices[q] + 1;
      if (function_for(questions[i], next, link_.peer().name) ||
          answer_without_function(questions[i])) {
        choices_[q] = std::max(choices_[q], next);
        open.push_back(i);
      } else {
        choices_[q] = 0;
      }
    }
  }
  co_return all;
}

async::awaitable<base::result<term>> broker::ask(question q, base::time_point deadline) {
  std::vector<question> one(1, q);
  answers all = co_await ask(std::move(one), deadline);
  co_return std::move(all.front());
}

async::awaitable<base::result<std::string>> broker::version(base::time_point deadline) {
  const auto answer = co_await ask(question::version, deadline);
  co_return parsed(answer, parse_version);
}

async::awaitable<base::result<std::vector<listener>>> broker::listeners(base::time_point deadline) {
  const auto answer = co_await ask(question::listeners, deadline);
  co_return parsed(answer, parse_listeners);
}

async::awaitable<base::result<membership>> broker::cluster(base::time_point deadline) {
  if (boots_) {
    const auto boot = parsed(co_await ask(question::boot_state, deadline), parse_boot_state);
    if (!boot) co_return boot.error();
    boots_ = *boot == boot_state::booting;
    if (boots_) co_return base::failure(errc::not_running, link_.peer().name);
  }
  std::vector<question> questions;
  for (const question q : {question::members, question::running, question::partitions}) {
    questions.push_back(q);
  }
  const answers all = co_await ask(std::move(questions), deadline);
  std::vector<std::vector<std::string>> lists;
  for (const auto& answer : all) {
    auto nodes = parsed(answer, parse_nodes);
    if (!nodes) co_return nodes.error();
    lists.push_back(std::move(*nodes));
  }
  // 4.3 after stop_app. Nobody may take it for a cluster without members.
  if (lists[0].empty()) co_return base::failure(errc::no_members, link_.peer().name);
  co_return membership{std::move(lists[0]), std::move(lists[1]), std::move(lists[2])};
}

async::awaitable<pulse> broker::look(base::time_point deadline) {
  std::vector<question> first, in_tables;
  for (const question q : {question::boot_state, question::paused}) first.push_back(q);
  for (const question q : {question::draining, question::local_alarms}) in_tables.push_back(q);
  const bool at_once = !boots_;
  if (at_once) first.insert(first.end(), in_tables.begin(), in_tables.end());
  answers all = co_await ask(std::move(first), deadline);
  auto boot = parsed(all[0], parse_boot_state);
  if (boot) boots_ = *boot == boot_state::booting;
  if (!at_once && !boots_) {
    for (auto& answer : co_await ask(std::move(in_tables), deadline)) {
      all.push_back(std::move(answer));
    }
  }
  const base::failure not_asked =
      boot ? base::failure(errc::not_running, link_.peer().name) : boot.error();
  pulse seen{std::move(boot), parsed(all[1], parse_paused), not_asked, not_asked};
  if (all.size() > 2) {
    seen.draining = parsed(all[2], parse_draining);
    seen.alarms = parsed(all[3], parse_alarms, link_.peer().name);
  }
  co_return seen;
}

}  // namespace warren::rabbitmq
