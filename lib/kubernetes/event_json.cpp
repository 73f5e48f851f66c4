#include "kubernetes/event_json.hpp"

#include "base/wall_text.hpp"
#include "http/message.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string_view>

namespace warren::kubernetes {
namespace {

using nlohmann::json;

constexpr std::size_t max_instance = 128;

// core/v1 times have whole seconds, those of events.k8s.io/v1 six digits more.
constexpr base::precision core = base::precision::seconds;
constexpr base::precision events = base::precision::microseconds;

std::string_view type_name(event_type type) {
  return type == event_type::warning ? "Warning" : "Normal";
}

json series_of(const event_record& e) {
  return {{"count", e.count}, {"lastObservedTime", base::rfc3339(e.last_seen, events)}};
}

// Never throws on foreign bytes: they become U+FFFD.
std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string events_path(event_api api, const event_record& e) {
  const std::string_view root = api == event_api::events_v1 ? "/apis/events.k8s.io/v1" : "/api/v1";
  return std::string(root) + "/namespaces/" + http::percent_encode(e.what.object.name_space) +
         "/events";
}

std::string event_path(event_api api, const event_record& e) {
  return events_path(api, e) + "/" + http::percent_encode(e.name);
}

std::string event_body(event_api api, const event_record& e, const event_source& source) {
  const object_reference& object = e.what.object;
  const json about{{"apiVersion", object.api_version},
                   {"kind", object.kind},
                   {"namespace", object.name_space},
                   {"name", object.name},
                   {"uid", object.uid}};
  const std::string instance = source.instance.substr(0, max_instance);
  json body{{"kind", "Event"},
            {"metadata", {{"name", e.name}, {"namespace", object.name_space}}},
            {"type", type_name(e.what.type)},
            {"reason", e.what.reason},
            {"action", e.what.action},
            {"reportingInstance", instance}};
  if (api == event_api::events_v1) {
    body["apiVersion"] = "events.k8s.io/v1";
    body["eventTime"] = base::rfc3339(e.first_seen, events);
    body["reportingController"] = source.controller;
    body["regarding"] = about;
    body["note"] = event_note(e.what.note);
    if (e.count > 1) body["series"] = series_of(e);
  } else {
    body["apiVersion"] = "v1";
    body["reportingComponent"] = source.controller;
    body["source"] = {{"component", source.controller}};
    body["involvedObject"] = about;
    body["message"] = event_note(e.what.note);
    body["firstTimestamp"] = base::rfc3339(e.first_seen, core);
    body["lastTimestamp"] = base::rfc3339(e.last_seen, core);
    body["count"] = e.count;
  }
  return text_of(body);
}

std::string event_patch(event_api api, const event_record& e) {
  if (api == event_api::events_v1) return text_of({{"series", series_of(e)}});
  return text_of({{"count", e.count}, {"lastTimestamp", base::rfc3339(e.last_seen, core)}});
}

}  // namespace warren::kubernetes
