#include "tests/support/fake_kube_answer.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace warren::testing {
namespace {

using nlohmann::json;

kube_answer with_object(unsigned status, const json& object) {
  kube_answer out;
  out.status = status;
  out.body = object.dump();
  return out;
}

kube_answer bad_request(const std::string& message) {
  return status_answer(400, "BadRequest", message);
}

std::string quoted(const kube_key& key) {
  return key.resource->qualified() + " \"" + key.name + "\"";
}

kube_answer not_found(const kube_key& key) {
  return status_answer(404, "NotFound", quoted(key) + " not found", key);
}

kube_answer conflict(const kube_key& key) {
  return status_answer(409, "Conflict",
                       "Operation cannot be fulfilled on " + quoted(key) +
                           ": the object has been modified; please apply your changes to the "
                           "latest version and try again",
                       key);
}

kube_answer invalid(const kube_key& key, const std::string& why) {
  return status_answer(422, "Invalid",
                       std::string(key.resource->kind) + (key.resource->group.empty() ? "" : ".") +
                           std::string(key.resource->group) + " \"" + key.name +
                           "\" is invalid: " + why,
                       key);
}

std::string version_of(const json& object) {
  return object.value("/metadata/resourceVersion"_json_pointer, "");
}

std::string uid_of(const json& object) {
  return object.value("/metadata/uid"_json_pointer, "");
}

kube_answer conflict_of_uid(const kube_key& key, const std::string& asked, const std::string& is) {
  return status_answer(409, "Conflict",
                       "Operation cannot be fulfilled on " + quoted(key) +
                           ": Precondition failed: UID in precondition: " + asked +
                           ", UID in object meta: " + is,
                       key);
}

// What Kubernetes' validation asks of an Event, in the fields of its group. Empty if it is valid.
std::string fault_of_event(const json& event, const kube_key& key) {
  const bool core = key.resource->group.empty();
  const bool timed = event.contains("eventTime") && !event["eventTime"].is_null();
  const json about = event.value(core ? "involvedObject" : "regarding", json::object());
  if (core && !timed) {
    if (about.value("namespace", "") == key.name_space) return {};
    return "involvedObject.namespace: Invalid value: \"" + about.value("namespace", "") +
           "\": does not match event.namespace";
  }
  if (!timed) return "eventTime: Required value";
  const std::pair<const char*, std::size_t> required[] = {
      {core ? "reportingComponent" : "reportingController", 253},
      {"reportingInstance", 128},
      {"action", 128},
      {"reason", 128}};
  for (const auto& [name, longest] : required) {
    const std::string value = event.value(name, "");
    if (value.empty()) return std::string(name) + ": Required value";
    if (value.size() > longest) {
      return std::string(name) + ": Invalid value: \"\": can have at most " +
             std::to_string(longest) + " characters";
    }
  }
  if (event.value(core ? "message" : "note", "").size() > 1024) {
    return "message: Invalid value: \"\": can have at most 1024 characters";
  }
  const std::string type = event.value("type", "");
  if (type != "Normal" && type != "Warning") {
    return "type: Invalid value: \"" + type + "\": has invalid value: \"" + type + "\"";
  }
  if (event.contains("series") && event["series"].is_object()) {
    if (event["series"].value("count", 0) < 2) {
      return "series.count: Invalid value: \"\": should be at least 2";
    }
    if (!event["series"].contains("lastObservedTime")) {
      return "series.lastObservedTime: Required value";
    }
  }
  return {};
}

std::optional<kube_answer> refused_object(const kube_key& key, const json& object) {
  if (!object.is_object()) return bad_request("the object provided is unrecognized");
  const std::string api_version = object.value("apiVersion", key.resource->api_version());
  if (api_version != key.resource->api_version()) {
    return bad_request("the API version in the data (" + api_version +
                       ") does not match the expected API version (" + key.resource->api_version() +
                       ")");
  }
  if (object.value("kind", std::string(key.resource->kind)) != key.resource->kind) {
    return bad_request("no kind " + object.value("kind", "") + " is registered here");
  }
  const std::string name_space = object.value("/metadata/namespace"_json_pointer, key.name_space);
  if (name_space != key.name_space) {
    return bad_request(
        "the namespace of the provided object does not match the namespace sent on "
        "the request");
  }
  if (key.resource->plural != "events") return std::nullopt;
  const std::string fault = fault_of_event(object, key);
  if (fault.empty()) return std::nullopt;
  return invalid(key, fault);
}

// "VERSION/NAMESPACE/NAME" of the last object that was given out.
struct page_token {
  std::uint64_t version = 0;
  std::string after;
};

std::optional<page_token> parse_token(const std::string& text) {
  page_token out;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, out.version);
  if (error != std::errc() || stop == end || *stop != '/') return std::nullopt;
  out.after.assign(stop + 1, end);
  return out;
}

std::string place_of(const json& object) {
  return object["metadata"].value("namespace", "") + "/" + object["metadata"].value("name", "");
}

kube_answer list(const fake_kube_store& store, const kube_request& request) {
  const auto selection = kube_selection::of(request);
  if (!selection) return bad_request("unable to parse requirement: unsupported selector");
  if (auto refused = refused_version(store, request.query_value("resourceVersion"))) {
    return *refused;
  }
  std::size_t limit = 0;
  const std::string limit_text = request.query_value("limit");
  std::from_chars(limit_text.data(), limit_text.data() + limit_text.size(), limit);
  page_token token;
  token.version = store.version();
  const std::string continued = request.query_value("continue");
  if (!continued.empty()) {
    const auto parsed = parse_token(continued);
    if (!parsed) return bad_request("continue key is not valid");
    token = *parsed;
    if (token.version < store.oldest()) {
      return status_answer(410, "Expired",
                           "The provided continue parameter is too old to display a consistent "
                           "list result. You must start a new list without the continue "
                           "parameter.");
    }
  }
  json items = json::array();
  std::size_t remaining = 0;
  std::string last;
  for (json& object : store.list(*request.key.resource, request.key.name_space, token.version)) {
    if (!selection->has(object)) continue;
    const std::string place = place_of(object);
    if (!continued.empty() && place <= token.after) continue;
    if (limit != 0 && items.size() == limit) {
      ++remaining;
      continue;
    }
    // Objects in a list carry neither; those in a watch do.
    object.erase("kind");
    object.erase("apiVersion");
    items.push_back(std::move(object));
    last = place;
  }
  json metadata = {{"resourceVersion", std::to_string(token.version)}};
  if (remaining != 0) {
    metadata["continue"] = std::to_string(token.version) + "/" + last;
    metadata["remainingItemCount"] = remaining;
  }
  return with_object(200, {{"kind", std::string(request.key.resource->kind) + "List"},
                           {"apiVersion", request.key.resource->api_version()},
                           {"metadata", std::move(metadata)},
                           {"items", std::move(items)}});
}

kube_answer create(fake_kube_store& store, const kube_request& request, json object) {
  kube_key key = request.key;
  if (object.is_object()) {
    key.name = object.value("/metadata/name"_json_pointer, "");
    const std::string prefix = object.value("/metadata/generateName"_json_pointer, "");
    if (key.name.empty() && !prefix.empty()) key.name = prefix + std::to_string(store.version());
  }
  if (auto refused = refused_object(key, object)) return *refused;
  if (key.name.empty()) return invalid(key, "metadata.name: Required value: name is required");
  if (store.find(key) != nullptr) {
    return status_answer(409, "AlreadyExists", quoted(key) + " already exists", key);
  }
  object["metadata"].erase("resourceVersion");
  object["metadata"].erase("uid");
  return with_object(201, store.put(key, std::move(object)));
}

kube_answer update(fake_kube_store& store, const kube_request& request, json object) {
  const kube_key& key = request.key;
  if (auto refused = refused_object(key, object)) return *refused;
  if (object.value("/metadata/name"_json_pointer, key.name) != key.name) {
    return bad_request("the name of the object does not match the name on the URL");
  }
  const json* before = store.find(key);
  const std::string uid = uid_of(object);
  const std::string uid_before = before == nullptr ? "" : uid_of(*before);
  if (before == nullptr && !key.resource->created_by_update) return not_found(key);
  if (!uid.empty() && uid != uid_before) return conflict_of_uid(key, uid, uid_before);
  if (before == nullptr) {
    return with_object(201, store.put(key, std::move(object)));
  }
  const std::string version = version_of(object);
  if (version.empty() && key.resource->update_needs_version) {
    return invalid(key,
                   "metadata.resourceVersion: Invalid value: 0x0: must be specified for an "
                   "update");
  }
  if (!version.empty() && version != version_of(*before)) return conflict(key);
  return with_object(200, store.put(key, std::move(object)));
}

kube_answer patch(fake_kube_store& store, const kube_request& request, const json& change) {
  const kube_key& key = request.key;
  const std::string type = request.header("content-type");
  if (!type.starts_with("application/merge-patch+json") &&
      !type.starts_with("application/strategic-merge-patch+json")) {
    return status_answer(415, "UnsupportedMediaType",
                         "the body of the request was in an unknown format - accepted media types "
                         "include: application/merge-patch+json");
  }
  const json* before = store.find(key);
  if (before == nullptr) return not_found(key);
  if (!change.is_object()) return bad_request("the patch is not an object");
  const std::string version = version_of(change);
  if (!version.empty() && version != version_of(*before)) return conflict(key);
  json object = *before;
  object.merge_patch(change);
  if (auto refused = refused_object(key, object)) return *refused;
  return with_object(200, store.put(key, std::move(object)));
}

kube_answer remove(fake_kube_store& store, const kube_request& request, const json& options) {
  const kube_key& key = request.key;
  const json* before = store.find(key);
  if (before == nullptr) return not_found(key);
  const json preconditions = options.value("preconditions", json::object());
  for (const char* name : {"uid", "resourceVersion"}) {
    const json& is = before->at("metadata").at(name);
    if (preconditions.contains(name) && preconditions[name] != is) return conflict(key);
  }
  json status = kube_status(200, "", "", key);
  status["details"]["uid"] = before->at("metadata").at("uid");
  store.remove(key);
  return with_object(200, status);
}

kube_answer write(fake_kube_store& store, const kube_request& request) {
  json body = json::object();
  if (!request.body.empty()) body = json::parse(request.body, nullptr, false);
  if (body.is_discarded()) return bad_request("the body of the request is not JSON");
  if (request.verb == "create") return create(store, request, std::move(body));
  if (request.verb == "update") return update(store, request, std::move(body));
  if (request.verb == "patch") return patch(store, request, body);
  return remove(store, request, body);
}

}  // namespace

kube_answer answer_request(fake_kube_store& store, const kube_request& request) {
  if (request.verb.empty()) {
    return status_answer(405, "MethodNotAllowed",
                         "the server does not allow this method on the requested resource");
  }
  try {
    if (request.verb == "list") return list(store, request);
    if (request.verb != "get") return write(store, request);
  } catch (const json::exception& e) {  // a field of another type than Kubernetes has there
    return bad_request(e.what());
  }
  const json* found = store.find(request.key);
  if (found == nullptr) return not_found(request.key);
  return with_object(200, *found);
}

}  // namespace warren::testing
