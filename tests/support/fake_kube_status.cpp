#include "tests/support/fake_kube_answer.hpp"

#include <boost/beast/http/status.hpp>

#include <charconv>

namespace warren::testing {
namespace {

using nlohmann::json;

const char* reason_of(unsigned code) {
  switch (code) {
    case 400:
      return "BadRequest";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "NotFound";
    case 405:
      return "MethodNotAllowed";
    case 409:
      return "Conflict";
    case 410:
      return "Expired";
    case 413:
      return "RequestEntityTooLarge";
    case 422:
      return "Invalid";
    case 500:
      return "InternalError";
    case 503:
      return "ServiceUnavailable";
    case 504:
      return "Timeout";
    default:
      return "";
  }
}

}  // namespace

json kube_status(unsigned code, const std::string& reason, const std::string& message,
                 const kube_key& about) {
  json out = {{"kind", "Status"},
              {"apiVersion", "v1"},
              {"metadata", json::object()},
              {"status", code < 300 ? "Success" : "Failure"},
              {"code", code}};
  if (!message.empty()) out["message"] = message;
  if (!reason.empty()) out["reason"] = reason;
  if (about.resource != nullptr) {
    json details = {{"kind", about.resource->plural}};
    if (!about.name.empty()) details["name"] = about.name;
    if (!about.resource->group.empty()) details["group"] = about.resource->group;
    out["details"] = std::move(details);
  }
  return out;
}

kube_answer status_answer(unsigned code, const std::string& reason, const std::string& message,
                          const kube_key& about) {
  kube_answer out;
  out.status = code;
  out.body = kube_status(code, reason, message, about).dump();
  return out;
}

kube_answer plain_answer(unsigned code) {
  if (code == 429) {  // from priority and fairness: no Status, and Retry-After only if asked for
    kube_answer out;
    out.status = code;
    out.content_type = "text/plain; charset=utf-8";
    out.body = "Too many requests, please try again later.\n";
    return out;
  }
  std::string message;
  if (code == 401) {
    message = "Unauthorized";
  } else if (code == 410) {
    message = "The resourceVersion for the provided watch is too old.";
  } else if (code == 500) {
    message = "Internal error occurred: etcdserver: request timed out";
  } else if (code == 503) {
    message = "apiserver not ready";
  } else {
    message = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(code));
  }
  return status_answer(code, reason_of(code), message);
}

kube_answer forbidden_answer(const kube_request& request) {
  const kube_key& key = request.key;
  std::string message = key.resource->qualified();
  if (!key.name.empty()) message += " \"" + key.name + "\"";
  message += " is forbidden: User \"system:serviceaccount:" +
             (key.name_space.empty() ? "default" : key.name_space) + ":rabbitmq\" cannot " +
             request.verb + " resource \"" + std::string(key.resource->plural) +
             "\" in API group \"" + std::string(key.resource->group) + "\"";
  if (key.name_space.empty()) {
    message += " at the cluster scope";
  } else {
    message += " in the namespace \"" + key.name_space + "\"";
  }
  return status_answer(403, "Forbidden", message, key);
}

kube_answer not_found_path() {
  kube_answer out;
  out.status = 404;
  out.content_type = "text/plain; charset=utf-8";
  out.body = "404 page not found\n";
  return out;
}

json expired_status(std::uint64_t asked, std::uint64_t oldest) {
  return kube_status(
      410, "Expired",
      "too old resource version: " + std::to_string(asked) + " (" + std::to_string(oldest) + ")");
}

std::optional<kube_answer> refused_version(const fake_kube_store& store, const std::string& text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t asked = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, asked);
  if (error != std::errc() || stop != end) {
    return status_answer(400, "BadRequest",
                         "resourceVersion: Invalid value: \"" + text + "\": invalid syntax");
  }
  if (asked <= store.version()) return std::nullopt;
  json status = kube_status(
      504, "Timeout",
      "Too large resource version: " + text + ", current: " + std::to_string(store.version()));
  status["details"] = {
      {"causes",
       {{{"reason", "ResourceVersionTooLarge"}, {"message", "Too large resource version"}}}},
      {"retryAfterSeconds", 1}};
  kube_answer out;
  out.status = 504;
  out.body = status.dump();
  out.headers.emplace_back("Retry-After", "1");
  return out;
}

}  // namespace warren::testing
