#include "kubernetes/endpoint_slice_json.hpp"

#include "kubernetes/errc.hpp"
#include "kubernetes/json_walk.hpp"

#include <limits>
#include <utility>

namespace warren::kubernetes {
namespace {

constexpr std::size_t max_message = 256;

address_type parse_address_type(std::string_view text) {
  if (text == "IPv4") return address_type::ipv4;
  if (text == "IPv6") return address_type::ipv6;
  return address_type::other;
}

// Fills one slice from what is met below it; paths are relative to the slice.
class slice_builder {
 public:
  endpoint_slice slice;

  bool begin_object(std::string_view path) {
    if (path != "endpoints") return true;
    if (slice.endpoints.size() == max_endpoints) return false;
    slice.endpoints.emplace_back();
    return true;
  }
  void text(std::string_view path, std::string_view value) {
    if (path.starts_with("endpoints/")) return of_endpoint(path.substr(10), value);
    if (path == "metadata/name") slice.name = value;
    if (path == "metadata/resourceVersion") slice.resource_version = value;
    if (path == "addressType") slice.type = parse_address_type(value);
  }
  void boolean(std::string_view path, bool value) {
    if (slice.endpoints.empty()) return;
    endpoint& last = slice.endpoints.back();
    if (path == "endpoints/conditions/ready") last.ready = value;
    if (path == "endpoints/conditions/serving") last.serving = value;
    if (path == "endpoints/conditions/terminating") last.terminating = value;
  }
  // The slice without what cannot be used. Leaves the builder empty.
  endpoint_slice take() {
    if (slice.type == address_type::other) slice.endpoints.clear();
    std::erase_if(slice.endpoints, [](const endpoint& e) { return e.address.empty(); });
    slice.endpoints.shrink_to_fit();
    return std::exchange(slice, {});
  }

 private:
  void of_endpoint(std::string_view path, std::string_view value) {
    if (slice.endpoints.empty()) return;
    endpoint& last = slice.endpoints.back();
    if (path == "addresses") {
      if (last.address.empty()) last.address = value;
    } else if (path == "hostname") {
      last.hostname = value;
    } else if (path == "targetRef/name") {
      last.pod = value;
    } else if (path == "targetRef/uid") {
      last.uid = value;
    }
  }
};

// The rest of `path` below `parent`: "" for the parent itself.
std::optional<std::string_view> below(std::string_view parent, std::string_view path) {
  if (!path.starts_with(parent)) return std::nullopt;
  path.remove_prefix(parent.size());
  if (path.empty()) return path;
  if (path.front() != '/') return std::nullopt;
  return path.substr(1);
}

class list_visitor : public json_visitor {
 public:
  endpoint_slice_list list;
  std::string kind;
  bool too_large = false;

  bool begin_object(std::string_view path) override {
    const auto item = below("items", path);
    if (!item || item->empty()) return true;
    too_large = !builder_.begin_object(*item);
    return !too_large;
  }
  bool end_object(std::string_view path) override {
    if (path != "items") return true;
    list.slices.push_back(builder_.take());
    endpoints_ += list.slices.back().endpoints.size();
    too_large = list.slices.size() > max_slices || endpoints_ > max_endpoints;
    return !too_large;
  }
  bool text(std::string_view path, std::string_view value) override {
    if (const auto item = below("items", path)) {
      builder_.text(*item, value);
    } else if (path == "kind") {
      kind = value;
    } else if (path == "metadata/resourceVersion") {
      list.resource_version = value;
    } else if (path == "metadata/continue") {
      list.continue_token = value;
    }
    return true;
  }
  bool boolean(std::string_view path, bool value) override {
    if (const auto item = below("items", path)) builder_.boolean(*item, value);
    return true;
  }

 private:
  slice_builder builder_;
  std::size_t endpoints_ = 0;
};

watch_event_type parse_event_type(std::string_view text) {
  if (text == "ADDED") return watch_event_type::added;
  if (text == "MODIFIED") return watch_event_type::modified;
  if (text == "DELETED") return watch_event_type::deleted;
  if (text == "BOOKMARK") return watch_event_type::bookmark;
  if (text == "ERROR") return watch_event_type::error;
  return watch_event_type::unknown;
}

class event_visitor : public json_visitor {
 public:
  watch_event event;
  slice_builder builder;
  bool typed = false;
  bool too_large = false;

  bool begin_object(std::string_view path) override {
    const auto object = below("object", path);
    if (!object) return true;
    too_large = !builder.begin_object(*object);
    return !too_large;
  }
  bool text(std::string_view path, std::string_view value) override {
    if (path == "type") {
      typed = true;
      event.type = parse_event_type(value);
    } else if (path == "object/message") {
      event.message = value.substr(0, max_message);
    } else if (const auto object = below("object", path)) {
      builder.text(*object, value);
    }
    return true;
  }
  bool number(std::string_view path, std::int64_t value) override {
    if (value < 0 || value > std::numeric_limits<int>::max()) return true;
    if (path == "object/code") event.code = static_cast<int>(value);
    if (path == "object/details/retryAfterSeconds") event.retry_after = std::chrono::seconds(value);
    return true;
  }
  bool boolean(std::string_view path, bool value) override {
    if (const auto object = below("object", path)) builder.boolean(*object, value);
    return true;
  }
};

bool is_object_event(watch_event_type t) {
  return t == watch_event_type::added || t == watch_event_type::modified ||
         t == watch_event_type::deleted;
}

}  // namespace

base::result<endpoint_slice_list> parse_endpoint_slice_list(std::string_view json) {
  list_visitor visitor;
  if (!walk_json(json, visitor)) {
    if (visitor.too_large) return base::failure(errc::answer_too_large, "list of endpointslices");
    return base::failure(errc::malformed_answer, "list of endpointslices");
  }
  if (visitor.kind != "EndpointSliceList" || visitor.list.resource_version.empty()) {
    return base::failure(errc::malformed_answer, "not an EndpointSliceList");
  }
  for (const endpoint_slice& slice : visitor.list.slices) {
    if (slice.name.empty()) return base::failure(errc::malformed_answer, "slice without a name");
  }
  return std::move(visitor.list);
}

base::result<watch_event> parse_watch_event(std::string_view json) {
  event_visitor visitor;
  if (!walk_json(json, visitor)) {
    if (visitor.too_large) return base::failure(errc::answer_too_large, "watch of endpointslices");
    return base::failure(errc::malformed_answer, "watch of endpointslices");
  }
  watch_event event = std::move(visitor.event);
  event.slice = visitor.builder.take();
  const bool nameless = is_object_event(event.type) && event.slice.name.empty();
  if (!visitor.typed || nameless) {
    return base::failure(errc::malformed_answer, "watch of endpointslices: not an event");
  }
  return event;
}

}  // namespace warren::kubernetes
