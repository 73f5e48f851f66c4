#include "tests/support/fake_kube_request.hpp"

#include <charconv>
#include <utility>

namespace warren::testing {
namespace {

using nlohmann::json;

std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> out;
  while (true) {
    const std::size_t at = text.find(by);
    out.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const bool escaped = text[i] == '%' && i + 2 < text.size() &&
                         std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr ==
                             text.data() + i + 3;
    if (escaped) {
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string verb_of(const kube_request& request) {
  const bool named = !request.key.name.empty();
  const std::string watch = request.query_value("watch");
  if (request.method == "GET" && named) return "get";
  if (request.method == "GET") return watch == "1" || watch == "true" ? "watch" : "list";
  if (request.method == "POST" && !named) return "create";
  if (request.method == "PUT" && named) return "update";
  if (request.method == "PATCH" && named) return "patch";
  if (request.method == "DELETE" && named) return "delete";
  return {};
}

const json* value_at(const json& object, const std::vector<std::string>& path) {
  const json* at = &object;
  for (const std::string& step : path) {
    if (!at->is_object()) return nullptr;
    const auto found = at->find(step);
    if (found == at->end()) return nullptr;
    at = &*found;
  }
  return at;
}

}  // namespace

std::string kube_request::query_value(const std::string& name) const {
  const auto found = query.find(name);
  return found == query.end() ? std::string() : found->second;
}

std::string kube_request::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

void route(kube_request& request, std::string_view target) {
  const std::size_t question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string_view::npos) {
    for (const std::string& pair : split(target.substr(question + 1), '&')) {
      const std::size_t equals = pair.find('=');
      const std::string value = equals == std::string::npos ? "" : pair.substr(equals + 1);
      if (!pair.empty()) request.query[decoded(pair.substr(0, equals))] = decoded(value);
    }
  }
  // /api/v1/… or /apis/GROUP/VERSION/…, then [namespaces/NAMESPACE/]RESOURCE[/NAME].
  std::vector<std::string> steps = split(request.path, '/');
  std::size_t at = 1;
  const auto step = [&steps, &at] { return at < steps.size() ? steps[at++] : std::string(); };
  const std::string root = step();
  const std::string group = root == "apis" ? step() : std::string();
  const std::string version = step();
  std::string plural = step();
  if ((root != "api" && root != "apis") || (root == "apis" && group.empty())) return;
  if (plural == "namespaces") {
    request.key.name_space = step();
    plural = step();
  }
  request.key.resource = find_kube_resource(group, version, plural);
  request.key.name = step();
  if (at != steps.size() || (request.key.name_space.empty() && !request.key.name.empty())) {
    request.key.resource = nullptr;
  }
  if (request.key.resource != nullptr) request.verb = verb_of(request);
}

bool kube_selection::parse(const std::string& text, bool labels, std::vector<term>& into) {
  if (text.empty()) return true;
  for (const std::string& part : split(text, ',')) {
    if (part.find_first_of(" ()") != std::string::npos || part.empty()) return false;
    term t;
    const std::size_t sign = part.find('=');
    std::string key = part.substr(0, sign);
    if (sign != std::string::npos) {
      t.value = part.substr(part.find_first_not_of('=', sign) == std::string::npos
                                ? part.size()
                                : part.find_first_not_of('=', sign));
      t.equal = key.empty() || key.back() != '!';
      if (!t.equal) key.pop_back();
    } else if (key.front() == '!') {
      t.equal = false;
      key.erase(0, 1);
    }
    if (key.empty()) return false;
    if (labels) {
      t.path = {"metadata", "labels", key};
    } else {
      if (!t.value) return false;
      t.path = split(key, '.');
    }
    into.push_back(std::move(t));
  }
  return true;
}

std::optional<kube_selection> kube_selection::of(const kube_request& request) {
  kube_selection out;
  out.resource_ = request.key.resource;
  out.name_space_ = request.key.name_space;
  if (!parse(request.query_value("labelSelector"), true, out.terms_)) return std::nullopt;
  if (!parse(request.query_value("fieldSelector"), false, out.terms_)) return std::nullopt;
  return out;
}

bool kube_selection::has(const json& object) const {
  for (const term& t : terms_) {
    const json* found = value_at(object, t.path);
    bool holds = found != nullptr;
    if (t.value) holds = found != nullptr && *found == *t.value;
    if (holds != t.equal) return false;
  }
  return true;
}

std::optional<json> watch_event(const kube_change& change, const kube_selection& selection) {
  if (change.key.resource != selection.resource_) return std::nullopt;
  if (!selection.name_space_.empty() && change.key.name_space != selection.name_space_) {
    return std::nullopt;
  }
  const bool was = !change.before.is_null() && selection.has(change.before);
  const bool is = change.type != kube_change_type::deleted && selection.has(change.object);
  if (!was && !is) return std::nullopt;
  const char* type = "MODIFIED";
  if (!was) type = "ADDED";
  if (!is) type = "DELETED";
  return json{{"type", type}, {"object", change.object}};
}

}  // namespace warren::testing
