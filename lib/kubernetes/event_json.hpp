#pragma once

#include "kubernetes/event.hpp"

#include <string>

namespace warren::kubernetes {

// Events through events.k8s.io/v1, or through core/v1 where that group is missing or forbidden.
enum class event_api { events_v1, core_v1 };

// Who reports.
struct event_source {
  std::string controller = "warren.dev/agent";
  std::string instance;  // the pod's name; the API takes 128 bytes of it
};

// "/apis/events.k8s.io/v1/namespaces/NAMESPACE/events", where Events are created.
std::string events_path(event_api api, const event_record& e);
// The same with the Event's name, where it is patched.
std::string event_path(event_api api, const event_record& e);

// The body that creates it. A record with a count above 1 becomes a series at once.
std::string event_body(event_api api, const event_record& e, const event_source& source);
// The JSON merge patch (RFC 7386) that writes its count and last time.
std::string event_patch(event_api api, const event_record& e);

}  // namespace warren::kubernetes
