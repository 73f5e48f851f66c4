#pragma once

#include "tests/simulation/event_log.hpp"
#include "tests/simulation/world.hpp"

#include <array>
#include <functional>
#include <map>
#include <set>
#include <string>

namespace warren::simulation {

// How far the model's time may be ahead of that of the log.
constexpr duration slack = std::chrono::seconds(10);

// One try of a replay: a world without agents, controllers and kubelets, in which happens what the
// log says.
class reenactment {
 public:
  reenactment(const event_log& log, bool tell_story);

  // Does the event, or waits until it is seen. Empty, or why the model cannot. `luck` decides all
  // that is drawn until the next one.
  std::string next(const log_event& e, std::uint64_t luck);
  // Once nothing happens any more: all that was seen last, at the same moment.
  std::string settle(duration at, std::uint64_t luck);

 private:
  // False if it does not become true in time.
  bool until(const std::function<bool()>& condition);
  void go_on_for_a_while();
  void go_on_for(duration length);
  void hold_some(const log_event& e);
  std::string begin(const log_event& e);
  std::string end(const log_event& e);
  [[nodiscard]] bool may_give_up(const pod& p) const;
  std::string change_disk(const log_event& e);
  std::string stop_app(const log_event& e);
  std::string start_app(const log_event& e);
  std::string forget(const log_event& e);
  std::string see(const log_event& e);
  [[nodiscard]] bool shows(const log_event& e, bool who_runs) const;
  [[nodiscard]] std::string state_of(int node) const;
  pod* at(int node) { return w_.set.at(node); }

  world w_;
  time_point latest_;                                     // that the model may go on to
  std::array<bool, most_nodes> stopping_{};               // SIGTERM was sent
  std::array<bool, most_nodes> forced_{};                 // its next boot waits for nobody
  std::array<std::optional<bool>, most_nodes> joined_{};  // by calls: whether that went well
  std::map<std::string, std::string> model_of_;  // clusters: the model's name of a real one
  std::map<int, log_event> seen_;                // last, of brokers that run
  std::array<duration, most_nodes> began_at_{};  // its broker's process, in the log
  std::array<duration, most_nodes> ended_at_{};
  std::set<int> ran_;  // once, with the data that they have
};

}  // namespace warren::simulation
