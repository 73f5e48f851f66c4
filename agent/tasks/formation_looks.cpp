#include "agent/tasks/formation_looks.hpp"

#include "agent/conf_conflicts.hpp"
#include "agent/data_folder.hpp"
#include "agent/domain/expected.hpp"
#include "agent/door_file.hpp"
#include "agent/enabled_plugins.hpp"
#include "agent/settings_rules.hpp"
#include "async/all_of.hpp"
#include "base/file.hpp"
#include "kubernetes/errc.hpp"
#include "kubernetes/pod.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace warren::agent {
namespace {

using kubernetes::errc;
using namespace std::chrono_literals;

constexpr base::duration claim_interval = 1s;
constexpr base::duration claim_timeout = 3s;
constexpr std::size_t claims_at_once = 8;
constexpr base::duration conf_interval = 1s;
constexpr std::size_t most_beyond = 32;  // pods that were scaled away
constexpr std::size_t longest_plugins = std::size_t{64} * 1024;
constexpr std::size_t longest_version = 64;
constexpr std::string_view seed_plugin = "rabbitmq_peer_discovery_k8s";

base::failure not_known(std::string what) {
  using namespace boost::system::errc;
  return {make_error_code(no_such_file_or_directory), std::move(what)};
}

std::string version_of(const formation_settings& s) {
  if (!s.broker_version.empty() || s.broker_version_file.empty()) return s.broker_version;
  const auto text = base::read_file(s.broker_version_file, longest_version);
  if (!text) return {};
  const std::string version = text->substr(0, text->find_first_of(" \t\r\n"));
  return rules::is_version(version) ? version : std::string();
}

}  // namespace

formation_looks::formation_looks(const async::asio::any_io_executor& executor,
                                 kubernetes::api_client* api, snapshot_store& store,
                                 const settings& s)
    : api_(api), store_(store), settings_(s), look_(executor) {
  const base::time_point now = base::steady::now();
  store_.change(now, [&](snapshot& known) {
    domain::formation_view& view = known.formation;
    view.node = s.broker.node;
    view.pod_uid = s.pod.uid;
    view.began = now;
    view.door_since = now;
    view.boots_since = now;
    view.unfinished_since = now;
    view.leases = api != nullptr;
    view.data_dir = s.formation.data_dir;
    while (view.data_dir.ends_with('/')) view.data_dir.pop_back();
  });
}

void formation_looks::look() {
  const base::time_point now = base::steady::now();
  store_.change(now, [&](snapshot& s) {
    domain::formation_view& view = s.formation;
    view.gate_open = s.may_start;
    view.wall_now = base::wall_clock::now();
    look_at_files(view, now);
    expect(view, s, now);
    if (s.world.peers.seen_at) view.peers.saw(true, *s.world.peers.seen_at);
    view.peers.last_error = s.world.peers.last_error;
    list_members(view, s);
    follow_door(view, now);
    follow_broker(view, s, now);
  });
}

void formation_looks::look_at_files(domain::formation_view& view, base::time_point now) {
  view.disk.saw(look_at_data(settings_.formation.data_dir, settings_.broker.node), now);
  if (!view.gate_open || !view.disk.value->unfinished) view.unfinished_since = now;
  auto door = read_door(settings_.formation.conf_dir);
  if (door && !view.gate_open) {
    const auto writable = may_write_door(settings_.formation.conf_dir);
    if (!writable) door = writable.error();
  }
  if (door) {
    view.door.saw(std::move(*door), now);
  } else {
    view.door.failed(door.error());
  }
  if (view.gate_open) return;
  view.version = version_of(settings_.formation);
  const auto plugins = base::read_file(settings_.formation.enabled_plugins, longest_plugins);
  view.seed_plugin = plugins && enables_plugin(*plugins, seed_plugin).value_or(false);
  if (now - looked_at_conf_ < conf_interval) return;
  looked_at_conf_ = now;
  const auto conflicts = look_for_conflicts(settings_.formation.conf_dir);
  view.conf_conflict = conflicts.empty() ? "" : text_of(conflicts.front());
}

void formation_looks::expect(domain::formation_view& view, const snapshot& s,
                             base::time_point now) {
  if (!settings_.peers.nodes.empty()) {
    view.expected.saw(settings_.peers.nodes, now);
    return;
  }
  // A StatefulSet that only does not answer just now may say something else in a moment.
  const bool is_readable =
      api_ != nullptr && !(s.set.last_error && (s.set.last_error->code == errc::forbidden ||
                                                s.set.last_error->code == errc::not_found));
  if (!is_readable && settings_.peers.expected_members) {
    expect_pods(view, 0, *settings_.peers.expected_members, now);
    return;
  }
  if (s.set.value) {
    view.ordered_ready = s.set.value->ordered_ready;
    expect_pods(view, s.set.value->first_ordinal, s.set.value->replicas, *s.set.seen_at);
    // Not whole before the claims of pods that were scaled away were looked for.
    if (!view.gate_open && !s.set.value->claim_templates.empty() && !looked_beyond_) {
      view.expected = {};
      if (!asked_beyond_) look_.notify();
      asked_beyond_ = true;
    }
  }
  if (s.set.last_error) view.expected.failed(*s.set.last_error);
  if (api_ == nullptr) {
    view.expected.failed(
        not_known("without an API server it is not known how many members there are to be; set "
                  "--expected-members"));
  }
}

void formation_looks::expect_pods(domain::formation_view& view, int first, int count,
                                  base::time_point seen_at) const {
  const auto nodes = domain::nodes_of_set(settings_.broker.node, settings_.pod.name, first, count);
  if (nodes) {
    view.expected.saw(*nodes, seen_at);
  } else {
    view.expected.failed(not_known("the node name " + settings_.broker.node +
                                   " is not made from the pod's name; set K8S_ADDRESS_TYPE to "
                                   "hostname and RABBITMQ_NODENAME to rabbit@POD"));
  }
}

void formation_looks::list_members(domain::formation_view& view, const snapshot& s) const {
  std::set<std::string> nodes;
  for (const auto& [node, sight] : s.sights) nodes.insert(node);
  if (view.expected.value) nodes.insert(view.expected.value->begin(), view.expected.value->end());
  if (view.record.value && view.record.value->record) {
    const domain::cluster_record& record = *view.record.value->record;
    nodes.insert(record.members.begin(), record.members.end());
    if (!record.founder.empty()) nodes.insert(record.founder);
  }
  nodes.insert(beyond_.begin(), beyond_.end());
  nodes.erase(view.node);
  view.members.clear();
  for (const std::string& node : nodes) {
    domain::formation_member m = domain::member_of(node, s.sights);
    const auto claim = claims_.find(node);
    if (claim != claims_.end()) m.claim = claim->second;
    view.members.push_back(std::move(m));
  }
}

// Since when the node that the own door names has not been seen to run.
void formation_looks::follow_door(domain::formation_view& view, base::time_point now) {
  const bool leads = view.door.current() && *view.door.value;
  const std::string target = leads ? (*view.door.value)->target : "";
  const auto there = std::ranges::find(view.members, target, &domain::formation_member::node);
  const bool runs = there != view.members.end() && there->broker.current() &&
                    there->broker.value->state == domain::presence::runs;
  // A look that failed says nothing of it.
  const bool unknown =
      there != view.members.end() && there->pod_uid &&
      (!there->broker.current() || there->broker.value->state == domain::presence::unknown);
  if (target.empty() || runs || unknown || !view.gate_open) view.door_since = now;
}

// How long the own broker has been booting, and whether it has read the door that lies there.
void formation_looks::follow_broker(domain::formation_view& view, const snapshot& s,
                                    base::time_point now) {
  const domain::link_view& link = s.world.broker.link;
  const bool boots = link.state == domain::link_state::connected &&
                     s.world.broker.boot.value != domain::boot_state::ready;
  if (!boots) view.boots_since = now;
  view.restarting = s.outdated_creation && *s.outdated_creation == link.creation;
  view.door_read = !view.restarting;
}

async::awaitable<void> formation_looks::watch_claims() {
  if (api_ == nullptr) co_return;
  for (;;) {
    const base::time_point began = base::steady::now();
    const snapshot& s = store_.current();
    std::vector<std::string> nodes;
    for (const domain::formation_member& m : s.formation.members) {
      if (!m.pod_uid) nodes.push_back(m.node);
    }
    std::erase_if(claims_, [&](const auto& known) {
      return std::ranges::find(nodes, known.first) == nodes.end();
    });
    const bool wanted = !s.may_start && s.set.current();
    const std::vector<std::string> templates =
        wanted ? s.set.value->claim_templates : std::vector<std::string>();
    if (!wanted) nodes.clear();
    for (std::size_t begin = 0; begin < nodes.size(); begin += claims_at_once) {
      std::vector<async::awaitable<void>> looks;
      const std::size_t end = std::min(nodes.size(), begin + claims_at_once);
      for (std::size_t i = begin; i < end; ++i) {
        looks.push_back(look_at_claim(nodes[i], templates));
      }
      co_await async::all_of(std::move(looks));
    }
    if (!templates.empty()) co_await look_beyond(templates);
    co_await look_.wait_until(began + claim_interval);
  }
}

async::awaitable<void> formation_looks::look_at_claim(std::string node,
                                                      std::vector<std::string> templates) {
  const base::time_point asked = base::steady::now();
  std::string pod = domain::pod_of_node(node, settings_.broker.node, settings_.pod.name);
  if (pod.empty()) {
    claims_[node].failed(not_known(node + " is no pod of this StatefulSet"));
    co_return;
  }
  const base::result<bool> found = co_await has_claim(std::move(pod), std::move(templates));
  if (found) {
    claims_[node].saw(*found, asked);
  } else {
    claims_[node].failed(found.error());
  }
}

// One ordinal after the other: where one has no claim, none that comes after it was scaled away.
async::awaitable<void> formation_looks::look_beyond(std::vector<std::string> templates) {
  const domain::set_view set = *store_.current().set.value;
  std::vector<std::string> found;
  for (int n = set.first_ordinal + set.replicas; found.size() < most_beyond; ++n) {
    const auto node = domain::nodes_of_set(settings_.broker.node, settings_.pod.name, n, 1);
    if (!node) break;
    const std::string& name = node->front();
    const base::time_point asked = base::steady::now();
    const auto exists = co_await has_claim(
        domain::pod_of_node(name, settings_.broker.node, settings_.pod.name), templates);
    if (!exists && exists.error().code != errc::forbidden) co_return;
    if (!exists || !*exists) break;
    claims_[name].saw(true, asked);
    found.push_back(name);
  }
  beyond_ = std::move(found);
  looked_beyond_ = true;
}

async::awaitable<base::result<bool>> formation_looks::has_claim(
    std::string pod, std::vector<std::string> templates) {
  if (templates.empty()) {
    const auto found =
        co_await kubernetes::get_pod(*api_, std::move(pod), base::steady::now() + claim_timeout);
    if (!found) co_return found.error().why;
    co_return found->has_value();
  }
  for (const std::string& each : templates) {
    std::string claim = each;
    claim.append("-").append(pod);
    const auto exists = co_await kubernetes::get_claim_exists(*api_, std::move(claim),
                                                              base::steady::now() + claim_timeout);
    if (!exists) co_return exists.error().why;
    if (*exists) co_return true;
  }
  co_return false;
}

}  // namespace warren::agent
