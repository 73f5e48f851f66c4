#include "tests/simulation/agent.hpp"

#include "tests/simulation/world.hpp"

#include <utility>

namespace warren::simulation {
namespace {

using namespace std::chrono_literals;

const domain::formation_settings settings;

}  // namespace

void agent::post(duration wait, std::function<void()> what) {
  if (!alive_) return;
  w_.time.after(wait, [this, life = life_, what = std::move(what)]() mutable {
    if (life != life_) return;
    if (paused_) {
      backlog_.push_back(std::move(what));
    } else {
      what();
    }
  });
}

void agent::call_api(std::function<api_answer()> serve,
                     std::function<void(const api_answer&)> reply) {
  if (!alive_) return;
  w_.api.request(pod_.ordinal, std::move(serve),
                 [this, life = life_, reply = std::move(reply)](const api_answer& a) {
                   if (life != life_) return;
                   if (paused_) {
                     backlog_.emplace_back([reply, a] { reply(a); });
                   } else {
                     reply(a);
                   }
                 });
}

void agent::start() {
  if (alive_ || pod_.gone) return;
  ++life_;
  alive_ = true;
  paused_ = busy_ = decision_due_ = list_known_ = false;
  quiet_ = 0;
  backlog_.clear();
  uids_ = {};
  refused_since_.reset();
  claims_known_ = 0;
  lock_version_ = -1;
  door_target_.clear();
  mark_written_.reset();
  restarts_.reset();
  last_ = {};
  view_ = {};
  view_.node = node_name(pod_.ordinal);
  view_.pod_uid = pod_.uid;
  view_.began = w_.time.now();
  view_.gate_open = pod_.guard_open;
  view_.ordered_ready = w_.the.ordered_ready;
  view_.seed_plugin = w_.the.seed_plugin;
  view_.door_since = view_.boots_since = target_ran_at_ = record_read_after_ = w_.time.now();
  constexpr std::array versions = {"3.10.8", "4.0.5", "4.3.6"};
  if (w_.the.version_told) view_.version = versions.at(static_cast<std::size_t>(w_.the.version));
  w_.tell("agent " + std::to_string(pod_.ordinal), [] { return "starts"; });
  if (view_.gate_open) post(10ms, [this] { w_.set.gate_opened(pod_); });
  post(1ms, [this] { keep_looking_at_itself(); });
  post(2ms, [this] { look_at_api(); });
}

void agent::kill() {
  if (!alive_) return;
  ++life_;
  alive_ = paused_ = false;
  backlog_.clear();
}

void agent::pause(duration d) {
  if (!alive_ || paused_) return;
  paused_ = true;
  w_.tell("agent " + std::to_string(pod_.ordinal), [] { return "is stopped"; });
  w_.time.after(d, [this, life = life_] {
    if (life != life_) return;
    paused_ = false;
    w_.tell("agent " + std::to_string(pod_.ordinal), [] { return "goes on"; });
    std::vector<std::function<void()>> todo = std::exchange(backlog_, {});
    for (auto& what : todo) {
      if (life != life_) return;
      if (paused_) {
        backlog_.push_back(std::move(what));
      } else {
        what();
      }
    }
  });
}

void agent::ask(const std::function<void(const domain::agent_facts&)>& reply) {
  if (!alive_) return;
  const auto answer = [this, reply] {
    domain::agent_facts f{.pod_uid = pod_.uid,
                          .has_data = domain::told_data(view_),
                          .leases = view_.leases ? domain::knowledge::yes : domain::knowledge::no,
                          .gate_open = view_.gate_open};
    if (view_.disk.value) f.mark = view_.disk.value->mark;
    if (view_.door.value) f.door = *view_.door.value;
    f.door_read = view_.door_read;
    if (view_.broker.value) f.cluster_id = view_.broker.value->cluster_id;
    if (w_.broken != nullptr && w_.broken->told) w_.broken->told(view_, f);
    reply(f);
  };
  if (paused_) {
    backlog_.emplace_back(answer);
  } else {
    answer();
  }
}

void agent::decide_soon() {
  if (decision_due_ || busy_) return;
  decision_due_ = true;
  post(w_.luck.between(1ms, 3ms), [this] {
    decision_due_ = false;
    decide();
  });
}

void agent::decide() {
  if (busy_) return;
  view_.wall_now = w_.wall_of(pod_.ordinal);
  note_door_target();
  domain::formation_step step;
  if (w_.broken != nullptr && w_.broken->view) {
    domain::formation_view believed = view_;
    w_.broken->view(believed, w_.time.now());
    step = domain::next_step(believed, settings, w_.time.now());
  } else {
    step = domain::next_step(view_, settings, w_.time.now());
  }
  if (w_.broken != nullptr && w_.broken->step) w_.broken->step(view_, step);
  const bool same = step.act == last_.act && step.reason == last_.reason;
  quiet_ = same ? quiet_ + 1 : 0;
  if (!same) {
    constexpr std::array names = {
        "waits",           "takes the lock",  "drops the lock", "writes the record",
        "writes the mark", "writes the door", "opens",          "forgets itself",
        "joins by calls"};
    w_.tell("agent " + std::to_string(pod_.ordinal), [&] {
      return std::string(names.at(static_cast<std::size_t>(step.act))) + ": " + step.reason +
             (step.problem.empty() ? "" : " [" + step.problem + "]");
    });
  }
  last_ = step;
  if (step.act != domain::formation_act::wait) begin(step);
}

void agent::begin(const domain::formation_step& step) {
  busy_ = true;
  current_ = step;
  // Between this decision and its effect anything may happen.
  post(w_.luck.between(0ms, 1ms), [this] { do_step(current_); });
  w_.at_moment(pod_.ordinal, moment::step_begun, step.act);
}

void agent::do_step(const domain::formation_step& step) {
  switch (step.act) {
    case domain::formation_act::wait:
      break;
    case domain::formation_act::take_lock:
      return take_lock();
    case domain::formation_act::drop_lock:
      return drop_lock();
    case domain::formation_act::write_record:
      return write_record();
    case domain::formation_act::write_mark:
      return write_mark();
    case domain::formation_act::write_door:
      return write_door();
    case domain::formation_act::open:
      return open();
    case domain::formation_act::forget:
      return forget();
    case domain::formation_act::join:
      return join();
  }
}

void agent::landed(const domain::formation_step& step) {
  w_.at_moment(pod_.ordinal, moment::step_landed, step.act);
}

void agent::done(const domain::formation_step& step) {
  busy_ = false;
  w_.at_moment(pod_.ordinal, moment::step_done, step.act);
  decide_soon();
}

}  // namespace warren::simulation
