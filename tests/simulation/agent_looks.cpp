#include "tests/simulation/agent.hpp"
#include "tests/simulation/world.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

// What an agent sees of itself, of the API server and of its peers. The time of a look is when it
// began: the answer may be as old as that.
namespace warren::simulation {
namespace {

using namespace std::chrono_literals;

constexpr duration look_deadline = 1s;

base::failure failed(const std::string& why) {
  return {boost::system::errc::make_error_code(boost::system::errc::timed_out), why};
}

}  // namespace

duration agent::pause_between_looks() {
  const bool quiet = quiet_ > 8;
  return quiet ? w_.luck.between(1500ms, 2500ms) : w_.luck.between(400ms, 900ms);
}

domain::formation_member* agent::member(const std::string& node) {
  const auto m = std::ranges::find(view_.members, node, &domain::formation_member::node);
  return m == view_.members.end() ? nullptr : &*m;
}

void agent::keep_looking_at_itself() {
  post(pause_between_looks(), [this] { keep_looking_at_itself(); });
  look_at_itself();
}

void agent::look_at_itself() {
  const time_point now = w_.time.now();
  if (pod_.readable < 0) {
    // The mark beside it may be read all the same.
    view_.disk.saw({.mark = pod_.volume->mark, .detail = "the data folder cannot be read"}, now);
  } else {
    const disk& d = *pod_.volume;
    domain::disk_view seen{.has_data =
                               d.has_files() ? domain::knowledge::yes : domain::knowledge::no};
    seen.has_tables = d.has_files() && w_.the.version != release::v4_3;
    seen.unfinished = d.has_files() && !(d.db && d.db->finished);
    const mutation* broken = w_.broken;
    const bool only_own =
        broken != nullptr && (broken->old_marks_ignored || (broken->skips && mark_written_));
    seen.mark = only_own ? mark_written_ : d.mark;
    view_.disk.saw(std::move(seen), now);
  }
  if (!view_.gate_open || !view_.disk.value || !view_.disk.value->unfinished) {
    view_.unfinished_since = now;
  }
  view_.door.saw(pod_.conf, now);
  view_.broker.saw(pod_.broker.facts(), now);
  const bool boots = pod_.broker.runs() && !pod_.broker.ready();
  if (!boots || pod_.broker.incarnation() != booting_) view_.boots_since = now;
  booting_ = pod_.broker.incarnation();
  view_.door_read = has_read_door();
  view_.restarting = restarts_ && *restarts_ == pod_.broker.incarnation();
  if (view_.version.empty() && pod_.broker.runs()) view_.version = view_.broker.value->version;
  decide_soon();
}

bool agent::has_read_door() const {
  return !pod_.broker.has_process() || pod_.broker.began() >= pod_.conf_written;
}

void agent::look_at_api() {
  post(pause_between_looks(), [this] { look_at_api(); });
  look_at_list();
  look_at_expected();
  look_at_record();
  for (const domain::formation_member& m : view_.members) {
    if (!m.pod_uid) look_at_claim(m.node);
  }
}

void agent::look_at_list() {
  const time_point asked = w_.time.now();
  auto list = std::make_shared<stateful_set::endpoints>();
  call_api(
      [this, list] {
        *list = w_.endpoints_for(pod_.ordinal);
        return api_answer{api_code::ok, {}, {}};
      },
      [this, list, asked](const api_answer& a) {
        if (a.code != api_code::ok) {
          view_.peers.failed(failed(a.detail));
        } else {
          uids_ = *list;
          list_known_ = true;
          view_.peers.saw(true, asked);
          renew_members();
        }
        decide_soon();
      });
}

void agent::look_at_expected() {
  const time_point asked = w_.time.now();
  auto replicas = std::make_shared<int>(0);
  call_api(
      [this, replicas] {
        *replicas = w_.set.replicas();
        // And the claims after those, one by one until there is none.
        int claims = *replicas;
        const bool readable = w_.the.claims_readable && w_.api.claims_forbidden == 0;
        while (readable && claims < most_nodes && w_.set.claim_exists(claims)) ++claims;
        return api_answer{api_code::ok, {}, {}, claims};
      },
      [this, replicas, asked](const api_answer& a) {
        if (a.code != api_code::ok) return view_.expected.failed(failed(a.detail));
        claims_known_ = a.claims;
        std::vector<std::string> nodes;
        for (int i = 0; i < *replicas; ++i) nodes.push_back(node_name(i));
        view_.expected.saw(std::move(nodes), asked);
        renew_members();
      });
}

void agent::look_at_record() {
  const time_point asked = w_.time.now();
  call_api([this] { return w_.api.get(lease_name::record); },
           [this, asked](const api_answer& a) {
             if (asked < record_read_after_) return;
             note_permission(a.code);
             if (a.code == api_code::ok) {
               view_.record.saw(
                   {.record = a.what->record, .resource_version = std::to_string(a.what->version)},
                   asked);
             } else if (a.code == api_code::not_found) {
               view_.record.saw({}, asked);
             } else {
               view_.record.failed(failed(a.detail));
             }
             renew_members();
             decide_soon();
           });
}

// kube-apiserver also says 403 for a moment after its start.
void agent::note_permission(api_code answer) {
  if (answer == api_code::ok || answer == api_code::not_found) {
    refused_since_.reset();
    view_.leases = true;
  }
  if (answer != api_code::forbidden) return;
  if (!refused_since_) refused_since_ = w_.time.now();
  if (w_.time.now() - *refused_since_ >= 10s) view_.leases = false;
}

void agent::look_at_claim(const std::string& node) {
  const time_point asked = w_.time.now();
  auto there = std::make_shared<bool>(true);
  call_api(
      [this, node, there] {
        if (!w_.the.claims_readable || w_.api.claims_forbidden > 0) {
          return api_answer{api_code::forbidden, {}, "403"};
        }
        // Without claims: the pod itself.
        *there = w_.the.claim_templates ? w_.set.claim_exists(ordinal_of(node))
                                        : w_.set.at(ordinal_of(node)) != nullptr;
        return api_answer{api_code::ok, {}, {}};
      },
      [this, node, there, asked](const api_answer& a) {
        domain::formation_member* m = member(node);
        if (m == nullptr) return;
        if (a.code == api_code::ok) {
          m->claim.saw(*there, asked);
        } else {
          m->claim.failed(failed(a.detail));
        }
        decide_soon();
      });
}

// All nodes of interest, with what is known of them.
void agent::renew_members() {
  if (!list_known_) return;
  std::set<std::string> nodes;
  if (view_.expected.value) {
    nodes.insert(view_.expected.value->begin(), view_.expected.value->end());
  }
  for (int i = 0; i < most_nodes; ++i) {
    if (!uids_[static_cast<std::size_t>(i)].empty() || i < claims_known_)
      nodes.insert(node_name(i));
  }
  if (view_.record.value && view_.record.value->record) {
    const domain::cluster_record& r = *view_.record.value->record;
    nodes.insert(r.members.begin(), r.members.end());
    if (!r.founder.empty()) nodes.insert(r.founder);
  }
  nodes.erase(view_.node);
  std::vector<domain::formation_member> members;
  for (const std::string& node : nodes) {
    domain::formation_member* known = member(node);
    const bool is_new = known == nullptr;
    domain::formation_member m;
    if (!is_new) m = std::move(*known);
    m.node = node;
    const std::string& uid = uids_[static_cast<std::size_t>(ordinal_of(node))];
    const bool came_or_went = m.pod_uid.has_value() == uid.empty();
    m.pod_uid = uid.empty() ? std::nullopt : std::optional(uid);
    members.push_back(std::move(m));
    if (is_new) {
      post(w_.luck.between(0ms, 20ms), [this, node] { look_at_peer(node); });
    }
    if (uid.empty() && (is_new || came_or_went)) look_at_claim(node);
  }
  view_.members = std::move(members);
}

void agent::look_at_peer(const std::string& node) {
  const domain::formation_member* m = member(node);
  if (m == nullptr) return;
  post(pause_between_looks(), [this, node] { look_at_peer(node); });
  if (!m->pod_uid) return;
  ask_agent(node, *m->pod_uid);
  ask_broker(node, *m->pod_uid);
}

void agent::ask_agent(const std::string& node, const std::string& uid) {
  const time_point asked = w_.time.now();
  const auto answered = std::make_shared<bool>(false);
  const int to = ordinal_of(node);
  post(look_deadline, [this, node, asked, answered] {
    if (!*answered) heard(node, asked, nullptr);
    *answered = true;
  });
  if (!w_.net.reaches(pod_.ordinal, to) || w_.luck.chance(w_.the.lost)) return;
  // By address or by name: the name leads to the new pod at once.
  const bool by_name = w_.luck.chance(0.5);
  w_.time.after(w_.luck.between(200us, w_.the.latency), [this, to, uid, by_name, node, asked,
                                                         answered, life = life_] {
    pod* target = by_name ? w_.set.at(to) : w_.set.with_uid(uid);
    const bool gone = target == nullptr || target->gone;
    // The address may have been given to another pod, with a Warren of its own.
    if (gone && (by_name || w_.luck.chance(0.5))) return;
    const auto tell = [this, node, asked, answered, life](const domain::agent_facts& f) {
      w_.time.after(w_.luck.between(200us, w_.the.latency), [this, node, asked, answered, life, f] {
        if (life != life_) return;
        post(0ms, [this, node, asked, answered, f] {
          if (!*answered) heard(node, asked, &f);
          *answered = true;
        });
      });
    };
    if (!gone) return target->agent.ask(tell);
    tell({.pod_uid = "foreign",
          .has_data = domain::knowledge::no,
          .leases = domain::knowledge::yes});
  });
}

void agent::heard(const std::string& node, time_point asked, const domain::agent_facts* facts) {
  domain::formation_member* m = member(node);
  if (m == nullptr) return;
  if (m->agent.seen_at && asked < *m->agent.seen_at) return;
  if (facts == nullptr) {
    m->agent.failed(failed("no answer"));
  } else {
    m->agent.saw(*facts, asked);
  }
  decide_soon();
}

void agent::ask_broker(const std::string& node, const std::string& uid) {
  const time_point asked = w_.time.now();
  const int to = ordinal_of(node);
  const bool lost = !w_.net.reaches(pod_.ordinal, to) || w_.luck.chance(w_.the.lost);
  if (lost) {
    post(look_deadline, [this, node, asked] { seen(node, asked, {}); });
    return;
  }
  const bool by_name = w_.luck.chance(0.5);
  w_.time.after(
      w_.luck.between(200us, w_.the.latency), [this, to, uid, by_name, node, asked, life = life_] {
        const pod* target = by_name ? w_.set.at(to) : w_.set.with_uid(uid);
        domain::broker_facts f;
        if (target != nullptr && !target->gone) {
          f = target->broker.facts();
        } else if (w_.luck.chance(0.5)) {
          // Another pod has the address now, and no broker there.
          f.state = domain::presence::runs_not;
        }
        w_.time.after(w_.luck.between(200us, w_.the.latency), [this, node, asked, f, life] {
          if (life == life_) post(0ms, [this, node, asked, f] { seen(node, asked, f); });
        });
      });
}

void agent::seen(const std::string& node, time_point asked, const domain::broker_facts& facts) {
  domain::formation_member* m = member(node);
  if (m == nullptr) return;
  if (m->broker.seen_at && asked < *m->broker.seen_at) return;
  m->broker.saw(facts, asked);
  if (node == door_target_ && facts.state == domain::presence::runs) {
    target_ran_at_ = w_.time.now();
  }
  decide_soon();
}

void agent::note_door_target() {
  const std::string target =
      view_.door.value && *view_.door.value ? (*view_.door.value)->target : std::string();
  if (target != door_target_) {
    door_target_ = target;
    target_ran_at_ = w_.time.now();
  }
  view_.door_since = target_ran_at_;
}

void agent::look_at_all() {
  look_at_list();
  look_at_expected();
  look_at_record();
  for (const domain::formation_member& m : view_.members) {
    if (!m.pod_uid) {
      look_at_claim(m.node);
    } else {
      ask_agent(m.node, *m.pod_uid);
      ask_broker(m.node, *m.pod_uid);
    }
  }
}

}  // namespace warren::simulation
