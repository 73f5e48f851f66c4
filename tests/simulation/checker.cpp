#include "tests/simulation/checker.hpp"

#include "tests/simulation/world.hpp"

#include <algorithm>

namespace warren::simulation {
namespace {

bool same_cluster(const broker& a, const broker& b) {
  return a.db()->cluster_id == b.db()->cluster_id &&
         (has(a.db()->members, b.node()) || has(b.db()->members, a.node()));
}

std::string text_of(const node_set& s) {
  std::string text = "{";
  for (const int n : s) text += (text.size() > 1 ? " " : "") + std::to_string(n);
  return text + "}";
}

}  // namespace

void checker::violated(const std::string& what) {
  if (!violation_.empty()) return;
  violation_ = what;
  w_.tell("CHECK", [&] { return what; });
}

disk* checker::current_disk(int node) {
  return w_.set.volume(node);
}

void checker::changed() {
  std::vector<const broker*> up;
  for (const auto& p : w_.set.pods()) {
    if (!p->gone && p->broker.ready() && !p->broker.stands_aside()) up.push_back(&p->broker);
  }
  for (const broker* b : up) note_majority(*b);
  for (std::size_t i = 1; i < up.size(); ++i) {
    if (same_cluster(*up[0], *up[i])) continue;
    violated("two clusters run: node " + std::to_string(up[0]->node()) + " in " +
             up[0]->db()->cluster_id + " " + text_of(up[0]->db()->members) + ", node " +
             std::to_string(up[i]->node()) + " in " + up[i]->db()->cluster_id + " " +
             text_of(up[i]->db()->members));
  }
}

// Whether the record names that node, or would by the rules.
bool checker::is_told_of(int node, const database& theirs) const {
  const auto hides_it = [](const fault& f) {
    return f.what == fault_kind::delete_leases || f.what == fault_kind::forbid_leases;
  };
  const plan& p = w_.the;
  const bool kept =
      p.leases && p.begin == beginning::fresh && std::ranges::none_of(p.faults, hides_it);
  if (kept && theirs.members == node_set{node}) return true;  // it has just founded
  return std::ranges::binary_search(w_.api.last_members(), node_name(node));
}

// Scaled away, and its claim is not found: claims may not be read, or are looked for one after the
// other and one before it is gone.
bool checker::is_hidden(int node) const {
  if (node < w_.set.replicas()) return false;
  bool found = w_.the.claims_readable;
  for (int n = w_.set.replicas(); n < node; ++n) found = found && w_.set.claim_exists(n);
  return !found;
}

void checker::founded(broker& b) {
  if (b.must_not_boot_alone()) {
    violated("node " + std::to_string(b.node()) + " boots alone, though its door leads elsewhere");
  }
  const disk* own = current_disk(b.node());
  if (own != nullptr && own->mark && own->mark->state == domain::mark_state::joining) return;
  for (int n = 0; n < most_nodes; ++n) {
    const disk* other = current_disk(n);
    if (n == b.node() || other == nullptr || !other->db) continue;
    const bool aside = other->db->members == node_set{n} && other->mark &&
                       other->mark->state == domain::mark_state::joining;
    if (aside) continue;
    // Scaled away, and nothing tells of its claim.
    if (is_hidden(n) && !is_told_of(n, *other->db)) {
      copies_lost_.insert(other->db->cluster_id);
      continue;
    }
    violated("node " + std::to_string(b.node()) + " founds a cluster beside the data of " +
             std::to_string(n) + " in " + other->db->cluster_id);
  }
}

void checker::discards(const broker& b) {
  const database& db = *b.db();
  const disk* own = current_disk(b.node());
  const bool joining =
      own != nullptr && own->mark && own->mark->state == domain::mark_state::joining;
  if (joining && db.members == node_set{b.node()} && db.data == 0) return;
  violated("node " + std::to_string(b.node()) + " discards its database of " + db.cluster_id + " " +
           text_of(db.members) + " with " + std::to_string(db.data) + " writes");
}

void checker::note_majority(const broker& b) {
  std::size_t up = 0;
  for (const int n : b.db()->members) {
    const broker* member = w_.set.broker_at(n);
    if (member != nullptr && member->ready() && member->db()->cluster_id == b.db()->cluster_id)
      ++up;
  }
  if (up * 2 > b.db()->members.size()) majority_at_[b.db()->cluster_id] = w_.time.now();
}

void checker::forgets(broker& via, int node) {
  const database& db = *via.db();
  const broker* other = w_.set.broker_at(node);
  if (other != nullptr && other->ready() && other->db()->cluster_id == db.cluster_id) {
    violated("node " + std::to_string(node) + " is forgotten while it runs");
  }
  const disk* theirs = current_disk(node);
  if (theirs != nullptr && theirs->db && theirs->db->cluster_id == db.cluster_id) {
    violated("node " + std::to_string(node) + " is forgotten although it has its data");
  }
  // What was seen may be as old as a look and a call.
  constexpr duration old = std::chrono::seconds(12);
  const bool pair = db.members.size() == 2 && w_.the.version != release::v4_3;
  note_majority(via);
  if (!pair && w_.time.now() - majority_at_[db.cluster_id] > old) {
    violated("node " + std::to_string(node) + " is forgotten without a majority");
  }
}

void checker::disk_lost(const disk& d) {
  if (!d.db) return;
  const std::string& id = d.db->cluster_id;
  const long all = confirmed_.contains(id) ? confirmed_[id] : d.db->data;
  for (int n = 0; n < most_nodes; ++n) {
    const disk* other = current_disk(n);
    if (other == nullptr || other->lost || !other->db) continue;
    if (other->db->cluster_id == id && other->db->data >= all) return;
  }
  w_.tell("CHECK", [&] { return "all up-to-date copies of " + id + " are lost"; });
  copies_lost_.insert(id);
}

void checker::write() {
  std::set<std::string> done;
  for (const auto& p : w_.set.pods()) {
    const broker& b = p->broker;
    if (p->gone || !b.ready() || b.stands_aside() || !done.insert(b.db()->cluster_id).second) {
      continue;
    }
    // Confirmed is what a majority of the members has.
    std::vector<broker*> takes_it;
    const node_set members = b.db()->members;
    for (const int n : members) {
      broker* member = w_.set.broker_at(n);
      const bool up = member != nullptr && member->ready() && w_.net.reaches(b.node(), n) &&
                      member->db()->cluster_id == b.db()->cluster_id;
      if (up) takes_it.push_back(member);
    }
    if (takes_it.size() * 2 <= members.size()) continue;
    majority_at_[b.db()->cluster_id] = w_.time.now();
    long& all = confirmed_[b.db()->cluster_id];
    for (const broker* member : takes_it) all = std::max(all, member->db()->data);
    ++all;
    for (broker* member : takes_it) member->db()->data = all;
  }
}

bool checker::settled() {
  if (!w_.set.complete()) return false;
  const broker* first = nullptr;
  for (int n = 0; n < w_.set.replicas(); ++n) {
    pod* p = w_.set.at(n);
    const agent& a = p->agent;
    if (!p->broker.ready() || !a.alive() || a.paused() || !a.view().gate_open) return false;
    if (!p->volume->mark || p->volume->mark->state != domain::mark_state::member) return false;
    if (first == nullptr) first = &p->broker;
    if (!has(first->db()->members, n) || !has(p->broker.db()->members, first->node())) return false;
    if (first->db()->cluster_id != p->broker.db()->cluster_id) return false;
    if (first->db()->members != p->broker.db()->members) return false;
  }
  if (first == nullptr || !w_.the.leases) return first != nullptr;
  const auto replicas = static_cast<std::size_t>(w_.set.replicas());
  if (replicas * 2 <= first->db()->members.size()) return true;  // no majority to keep the record
  const api_answer record = w_.api.get(lease_name::record);
  if (record.code != api_code::ok || !record.what->record) return false;
  const domain::cluster_record& r = *record.what->record;
  std::vector<std::string> members;
  for (const int n : first->db()->members) members.push_back(node_name(n));
  return r.founded && r.cluster_id == first->db()->cluster_id && r.members == members &&
         r.forgetting.empty();
}

void checker::check_data() {
  const broker* first = w_.set.broker_at(0);
  long newest = 0;
  for (const int n : node_set(first->db()->members)) {
    const broker* member = w_.set.broker_at(n);
    if (member != nullptr && member->ready()) newest = std::max(newest, member->db()->data);
  }
  for (const auto& [id, writes] : confirmed_) {
    if (copies_lost_.contains(id)) continue;
    const bool ours = first->db()->cluster_id == id;
    if (!ours) {
      violated("the cluster " + id + " with " + std::to_string(writes) +
               " writes is no more, though its data were there");
    } else if (newest < writes) {
      violated("of " + std::to_string(writes) + " confirmed writes of " + id + " " +
               std::to_string(newest) + " are left");
    }
  }
}

}  // namespace warren::simulation
