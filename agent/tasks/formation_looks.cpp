#include "agent/tasks/formation_looks.hpp"

#include "agent/data_folder.hpp"
#include "agent/domain/expected.hpp"
#include "agent/door_file.hpp"
#include "agent/enabled_plugins.hpp"
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
  return text->substr(0, text->find_first_of(" \t\r\n"));
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
    view.leases = api != nullptr;
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
    view.peers.value = true;
    view.peers.seen_at = s.world.peers.seen_at;
    view.peers.last_error = s.world.peers.last_error;
    if (!s.world.peers.value) view.peers.failed(not_known("the peers have not been listed yet"));
    list_members(view, s);
    follow_door(view, now);
    follow_broker(view, s, now);
  });
}

void formation_looks::look_at_files(domain::formation_view& view, base::time_point now) {
  view.disk.saw(look_at_data(settings_.formation.data_dir, settings_.broker.node), now);
  auto door = read_door(settings_.formation.conf_dir);
  if (door) {
    view.door.saw(std::move(*door), now);
  } else {
    view.door.failed(door.error());
  }
  if (view.gate_open) return;
  view.version = version_of(settings_.formation);
  const auto plugins = base::read_file(settings_.formation.enabled_plugins, longest_plugins);
  view.seed_plugin = plugins && enables_plugin(*plugins, seed_plugin).value_or(false);
}

void formation_looks::expect(domain::formation_view& view, const snapshot& s,
                             base::time_point now) const {
  if (!settings_.peers.nodes.empty()) {
    view.expected.saw(settings_.peers.nodes, now);
    return;
  }
  int first = 0;
  int count = 0;
  // A StatefulSet that only does not answer just now may say something else in a moment.
  const bool is_readable =
      api_ != nullptr && !(s.set.last_error && (s.set.last_error->code == errc::forbidden ||
                                                s.set.last_error->code == errc::not_found));
  if (s.set.value) {
    view.ordered_ready = s.set.value->ordered_ready;
    first = s.set.value->first_ordinal;
    count = s.set.value->replicas;
  } else if (settings_.peers.expected_members && !is_readable) {
    count = *settings_.peers.expected_members;
  } else {
    if (s.set.last_error) view.expected.failed(*s.set.last_error);
    if (api_ == nullptr) {
      view.expected.failed(
          not_known("without an API server it is not known how many members there are to be; set "
                    "--expected-members"));
    }
    return;
  }
  const auto nodes = domain::nodes_of_set(settings_.broker.node, settings_.pod.name, first, count);
  if (nodes) {
    view.expected.saw(*nodes, now);
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
  if (target.empty() || runs || !view.gate_open) view.door_since = now;
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
    for (const std::string& node : nodes) {
      const base::time_point asked = base::steady::now();
      std::string pod = domain::pod_of_node(node, settings_.broker.node, settings_.pod.name);
      if (pod.empty()) {
        claims_[node].failed(not_known(node + " is no pod of this StatefulSet"));
        continue;
      }
      const base::result<bool> found = co_await has_claim(std::move(pod), templates);
      if (found) {
        claims_[node].saw(*found, asked);
      } else {
        claims_[node].failed(found.error());
      }
    }
    co_await look_.wait_until(began + claim_interval);
  }
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
