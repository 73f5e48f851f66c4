// The questions of broker that formation asks.
#include "erldist/errc.hpp"
#include "rabbitmq/broker.hpp"
#include "rabbitmq/content.hpp"
#include "rabbitmq/errc.hpp"
#include "rabbitmq/parse.hpp"
#include "rabbitmq/parse_formation.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace warren::rabbitmq {
namespace {

using etf::term;

template <class Parse>
auto parsed(const base::result<term>& answer, Parse parse) -> decltype(parse(*answer)) {
  if (!answer) return answer.error();
  return parse(*answer);
}

// By question, so that no index can be mistaken.
class answer_sheet {
 public:
  answer_sheet(std::vector<question> questions, std::vector<base::result<term>> answers)
      : questions_(std::move(questions)), answers_(std::move(answers)) {}

  void add(std::vector<question> questions, std::vector<base::result<term>> answers) {
    std::ranges::move(questions, std::back_inserter(questions_));
    std::ranges::move(answers, std::back_inserter(answers_));
  }

  template <class Parse>
  auto get(question q, Parse parse) const {
    for (std::size_t i = 0; i < questions_.size(); ++i) {
      if (questions_[i] == q) return parsed(answers_[i], parse);
    }
    return decltype(parsed(answers_[0], parse))(base::failure(errc::unexpected_answer));
  }

 private:
  std::vector<question> questions_;
  std::vector<base::result<term>> answers_;
};

std::optional<membership> cluster_in(const answer_sheet& sheet, std::optional<boot_state> boot) {
  if (!boot || *boot == boot_state::booting) return std::nullopt;
  auto members = sheet.get(question::members, parse_nodes);
  auto running = sheet.get(question::running, parse_nodes);
  auto partitioned = sheet.get(question::partitions, parse_nodes);
  // No members: 4.3 while its database is down.
  if (!members || members->empty() || !running) return std::nullopt;
  // Up to 4.2 the process that knows of partitions runs with the broker only.
  if (!partitioned && *boot == boot_state::ready) return std::nullopt;
  return membership{std::move(*members), std::move(*running),
                    partitioned ? std::move(*partitioned) : std::vector<std::string>()};
}

std::optional<base::wall_time> start_in(const answer_sheet& sheet) {
  const auto start = sheet.get(question::vm_start, parse_integer);
  const auto offset = sheet.get(question::vm_clock_offset, parse_integer);
  const auto units = sheet.get(question::native_units, parse_integer);
  if (!start || !offset || !units) return std::nullopt;
  return time_of(*start, *offset, *units);
}

// A failure if no table of queues exists, which is so while the database is down.
base::result<std::size_t> queues_in(const answer_sheet& sheet, const std::string& node) {
  std::optional<std::int64_t> most;
  for (const question q :
       {question::queues_up, question::queues_durable, question::queues_in_khepri}) {
    const auto size = sheet.get(q, parse_table_size);
    if (!size) return size.error();
    if (*size) most = std::max(most.value_or(0), **size);
  }
  if (!most) return base::failure(errc::not_running, node);
  return static_cast<std::size_t>(*most);
}

// A broker that is stopped meanwhile answers with empty tables (4.3); one that runs has a user and
// a virtual host at least, or somebody has removed them.
base::result<own_content> content_in(const answer_sheet& sheet, const std::string& node) {
  node_content content;
  content.node = node;
  base::failure problem;
  const auto take = [&](auto& target, auto answer) {
    if (answer) {
      target = std::move(*answer);
    } else if (!problem.code) {
      problem = answer.error();
    }
  };
  std::size_t operator_policies = 0;
  take(content.members, sheet.get(question::members, parse_nodes));
  take(content.default_user, sheet.get(question::default_user, parse_setting));
  take(content.default_vhost, sheet.get(question::default_vhost, parse_setting));
  take(content.users, sheet.get(question::users, parse_users));
  take(content.vhosts, sheet.get(question::vhosts, parse_vhosts));
  take(content.own_exchanges, sheet.get(question::exchanges, parse_own_exchanges));
  take(content.policies, sheet.get(question::policies, parse_length));
  take(operator_policies, sheet.get(question::operator_policies, parse_length));
  take(content.parameters, sheet.get(question::parameters, parse_length));
  take(content.queues, queues_in(sheet, node));
  if (problem.code) return problem;
  if (content.members.empty() || content.users.empty() || content.vhosts.empty()) {
    return base::failure(errc::not_running, node);
  }
  content.policies += operator_policies;
  return judge(content);
}

}  // namespace

async::awaitable<base::result<formation_facts>> broker::formation(base::time_point deadline) {
  constexpr std::array always{
      question::version,  question::boot_state,      question::vm_status,   question::data_folder,
      question::vm_start, question::vm_clock_offset, question::native_units};
  constexpr std::array in_tables{question::boot_state, question::cluster_id, question::members,
                                 question::running, question::partitions};
  std::vector<question> first(always.begin(), always.end());
  auto answers = co_await ask(first, deadline);
  answer_sheet sheet(std::move(first), std::move(answers));
  formation_facts facts;
  const auto version = sheet.get(question::version, parse_version);
  const auto boot = sheet.get(question::boot_state, parse_boot_state);
  if (!version && !boot) co_return version.error();
  if (version) facts.version = *version;
  const auto vm = sheet.get(question::vm_status, parse_vm_status);
  if (boot) facts.boot = vm ? with_vm(*boot, *vm) : *boot;
  if (facts.boot) boots_ = *facts.boot == boot_state::booting;
  if (facts.boot && !boots_) {
    std::vector<question> then(in_tables.begin(), in_tables.end());
    auto more = co_await ask(then, deadline);
    // Otherwise it is of another moment than the rest.
    const auto still = parsed(more.front(), parse_boot_state);
    if (boot && still && *still == *boot) sheet.add(std::move(then), std::move(more));
  }
  base::result<bool> khepri = base::failure(errc::not_running, link_.peer().name);
  if (facts.boot == boot_state::ready) {
    // Asked earlier, this function makes 3.10 load its module of feature flags beside the boot that
    // does the same: both wait for each other for ever.
    const auto enabled = co_await ask(question::khepri_enabled, deadline);
    khepri = parsed(enabled, parse_boolean);
  }
  facts.store = store_of(facts.version, khepri);
  const auto id = sheet.get(question::cluster_id, parse_cluster_id);
  if (id) facts.cluster_id = *id;
  facts.cluster = cluster_in(sheet, facts.boot);
  facts.began = start_in(sheet);
  const auto folder = sheet.get(question::data_folder, parse_folder);
  if (folder) facts.data_folder = *folder;
  co_return facts;
}

async::awaitable<base::result<own_content>> broker::content(base::time_point deadline) {
  constexpr std::array asked{
      question::boot_state,      question::members,   question::default_user,
      question::default_vhost,   question::users,     question::vhosts,
      question::exchanges,       question::policies,  question::operator_policies,
      question::parameters,      question::queues_up, question::queues_durable,
      question::queues_in_khepri};
  std::vector<question> questions(asked.begin(), asked.end());
  auto answers = co_await ask(questions, deadline);
  const answer_sheet sheet(std::move(questions), std::move(answers));
  const auto boot = sheet.get(question::boot_state, parse_boot_state);
  if (!boot) co_return boot.error();
  if (*boot != boot_state::ready) co_return base::failure(errc::not_running, link_.peer().name);
  co_return content_in(sheet, link_.peer().name);
}

}  // namespace warren::rabbitmq
