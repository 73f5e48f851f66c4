#include "agent/tasks/event_writer.hpp"

#include "agent/log.hpp"

#include <random>
#include <utility>

namespace warren::agent {
namespace {

kubernetes::event_recorder_settings recorder_settings(const settings& s) {
  kubernetes::event_recorder_settings recorder;
  recorder.source.instance = s.pod.name;
  return recorder;
}

}  // namespace

event_writer::event_writer(const boost::asio::any_io_executor& executor,
                           kubernetes::api_client& api, const settings& s)
    : pod_(s.pod),
      name_space_(api.where().name_space),
      recorder_(
          executor, api, recorder_settings(s),
          [](const base::failure& why) { log(log_level::warning, "Events: " + why.text()); },
          std::random_device{}()) {}

void event_writer::write(domain::event_intent intent, const std::string& stateful_set_uid) {
  kubernetes::event e;
  e.type = intent.type == domain::event_type::warning ? kubernetes::event_type::warning
                                                      : kubernetes::event_type::normal;
  e.reason = std::move(intent.reason);
  e.action = std::move(intent.action);
  e.note = std::move(intent.note);
  const bool about_pod = intent.about == domain::event_about::pod || stateful_set_uid.empty();
  if (about_pod) {
    e.object = {"v1", "Pod", name_space_, pod_.name, pod_.uid};
  } else {
    e.object = {"apps/v1", "StatefulSet", name_space_, pod_.stateful_set, stateful_set_uid};
  }
  if (!e.object.name.empty()) recorder_.record(std::move(e));
}

}  // namespace warren::agent
