#include "tests/support/fake_kube_connection.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

namespace warren::testing {
namespace {

using async::awaitable;
using nlohmann::json;

std::uint64_t number_in(const std::string& text) {
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

// Kubernetes has the type first.
std::string line_of(const json& event) {
  return R"({"type":)" + event["type"].dump() + R"(,"object":)" + event["object"].dump() + "}\n";
}

std::string bookmark_line(const kube_resource& resource, std::uint64_t version) {
  return line_of(
      {{"type", "BOOKMARK"},
       {"object",
        {{"kind", resource.kind},
         {"apiVersion", resource.api_version()},
         {"metadata",
          {{"resourceVersion", std::to_string(version)}, {"creationTimestamp", nullptr}}}}}});
}

std::string chunk_head(std::size_t size) {
  std::array<char, 24> out{};
  std::snprintf(out.data(), out.size(), "%zx\r\n", size);
  return out.data();
}

constexpr const char* stream_head =
    "HTTP/1.1 200 OK\r\nCache-Control: no-cache, private\r\nContent-Type: application/json\r\n"
    "Transfer-Encoding: chunked\r\n\r\n";
constexpr const char* stream_end = "0\r\n\r\n";

}  // namespace

struct fake_kube_connection::watch_state {
  kube_selection selection;
  std::shared_ptr<bool> hung_up = std::make_shared<bool>(false);  // by the client
  std::size_t next_change = 0;
  std::size_t next_raw_line = 0;
  std::size_t generation = 0;
  std::size_t sent = 0;  // bytes of events
  bool cut_inside_line = false;
  bool bookmarks = false;
  base::time_point last_bookmark;
  base::time_point end = base::time_point::max();
};

std::optional<watch_fault> fake_kube_connection::take_watch_fault() {
  for (auto& plan : state_->faults.watches) {
    if (plan.times == 0) continue;
    if (plan.times != forever) --plan.times;
    return plan.what;
  }
  return std::nullopt;
}

awaitable<void> fake_kube_connection::watch(const kube_request& request) {
  const fake_kube_store& store = state_->store;
  const std::string version = request.query_value("resourceVersion");
  std::optional<kube_answer> refused = refused_version(store, version);
  auto selection = kube_selection::of(request);
  if (!selection) refused = status_answer(400, "BadRequest", "unable to parse requirement");
  if (refused) {
    co_await send_answer(*refused);
    co_return;
  }
  watch_state watch{.selection = *selection};
  watch.next_raw_line = state_->raw_lines.size();
  watch.generation = state_->watch_generation;
  watch.bookmarks = request.query_value("allowWatchBookmarks") == "true" ||
                    request.query_value("allowWatchBookmarks") == "1";
  watch.last_bookmark = base::steady::now();
  const std::uint64_t seconds =
      std::min<std::uint64_t>(number_in(request.query_value("timeoutSeconds")), 24UL * 3600UL);
  if (seconds != 0) watch.end = base::steady::now() + std::chrono::seconds(seconds);
  const std::optional<watch_fault> fault = take_watch_fault();
  watch.cut_inside_line = fault == watch_fault::cut_inside_line;
  const std::uint64_t from = number_in(version);
  const bool expired = fault == watch_fault::expired || (from != 0 && from < store.oldest());

  ++state_->watches_open;
  // A client that watches says nothing more: bytes from it, or its end, mean that it leaves.
  socket_.async_wait(async::asio::ip::tcp::socket::wait_read,
                     [self = weak_from_this(), hung_up = watch.hung_up](base::error_code ec) {
                       const auto connection = self.lock();
                       if (ec || !connection) return;
                       *hung_up = true;
                       connection->wake();
                     });
  bool sent = co_await send(stream_head);
  if (sent && expired) {
    const json error = {{"type", "ERROR"}, {"object", expired_status(from, store.oldest())}};
    sent = co_await send_line(line_of(error), watch);
  } else if (sent && fault == watch_fault::endless_line) {
    co_await send_endless_line();
  } else if (sent && fault != watch_fault::ended_at_once) {
    co_await stream_events(request, watch);
  }
  --state_->watches_open;
  if (!open_) co_return;
  socket_.cancel();
  if (*watch.hung_up) {
    close();
    co_return;
  }
  co_await send(stream_end);
}

awaitable<void> fake_kube_connection::stream_events(const kube_request& request,
                                                    watch_state& watch) {
  const fake_kube_store& store = state_->store;
  const kube_resource& resource = *request.key.resource;
  const std::uint64_t from = number_in(request.query_value("resourceVersion"));
  if (from == 0) {
    // Without a version a watch begins with what is there.
    const std::vector<json> present = store.list(resource, request.key.name_space, store.version());
    watch.next_change = store.changes().size();
    for (const json& object : present) {
      if (!watch.selection.has(object)) continue;
      const bool sent = co_await send_line(line_of({{"type", "ADDED"}, {"object", object}}), watch);
      if (!sent) co_return;
    }
  } else {
    const auto& changes = store.changes();
    const auto first = std::upper_bound(
        changes.begin(), changes.end(), from,
        [](std::uint64_t version, const kube_change& change) { return version < change.version; });
    watch.next_change = static_cast<std::size_t>(first - changes.begin());
  }
  const auto goes_on = [this, &watch] {
    return open_ && !*watch.hung_up && watch.generation == state_->watch_generation;
  };
  while (goes_on()) {
    const base::time_point now = base::steady::now();
    const bool muted = state_->faults.watches_muted;
    const bool ends = now >= watch.end && !muted;
    const auto& hurried = state_->faults.bookmark_interval;
    const base::time_point next_bookmark =
        watch.last_bookmark + hurried.value_or(state_->settings.bookmark_interval);
    std::optional<std::string> line;
    if (!muted && watch.next_change < store.changes().size()) {
      const auto event = watch_event(store.changes()[watch.next_change++], watch.selection);
      if (event) line = line_of(*event);
      if (!line) continue;
      if (state_->faults.events_repeated) co_await send_line(*line, watch);
    } else if (!muted && watch.next_raw_line < state_->raw_lines.size()) {
      line = state_->raw_lines[watch.next_raw_line++];
    } else if (!muted && watch.bookmarks && (ends || now >= next_bookmark)) {
      watch.last_bookmark = now;
      if (hurried) state_->store.skip_version();
      line = bookmark_line(resource, store.version());
    }
    if (line) {
      const bool sent = co_await send_line(std::move(*line), watch);
      if (!sent) co_return;
    }
    if (ends) co_return;
    if (line) continue;
    base::time_point wake_at = muted ? base::time_point::max() : watch.end;
    if (!muted && watch.bookmarks) wake_at = std::min(wake_at, next_bookmark);
    co_await wake_.wait_until(wake_at);
  }
}

awaitable<bool> fake_kube_connection::send_line(std::string line, watch_state& watch) {
  std::optional<std::size_t> cut_after = state_->faults.cut_watch_after;
  if (watch.cut_inside_line) cut_after = watch.sent + line.size() / 2;
  std::string bytes = chunk_head(line.size());
  if (cut_after && watch.sent + line.size() >= *cut_after) {
    const std::size_t left = *cut_after > watch.sent ? *cut_after - watch.sent : 0;
    bytes += line.substr(0, left);
    co_await send(std::move(bytes));
    close();
    co_return false;
  }
  watch.sent += line.size();
  bytes += line + "\r\n";
  co_return co_await send(std::move(bytes));
}

awaitable<void> fake_kube_connection::send_endless_line() {
  std::string bytes = R"({"type":"ADDED","object":{"metadata":{"name":")";
  bool sent = true;
  while (sent) {
    std::string chunk = chunk_head(bytes.size()) + bytes + "\r\n";
    sent = co_await send(std::move(chunk));
    bytes.assign(std::size_t{64} * 1024, 'a');
  }
}

}  // namespace warren::testing
