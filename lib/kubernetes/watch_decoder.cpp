#include "kubernetes/watch_decoder.hpp"

#include "kubernetes/errc.hpp"

#include <utility>

namespace warren::kubernetes {

base::result<void> watch_decoder::feed(std::string_view bytes, std::vector<watch_event>& events) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (piece.size() > max_line_ - begun_.size()) {
      return base::failure(errc::answer_too_large, "line of a watch");
    }
    if (end == std::string_view::npos) {
      begun_.append(piece);
      return {};
    }
    bytes.remove_prefix(end + 1);
    base::result<void> done;
    if (begun_.empty()) {
      done = line(piece, events);
    } else {
      begun_.append(piece);
      done = line(std::exchange(begun_, {}), events);
    }
    if (!done) return done;
  }
  return {};
}

base::result<void> watch_decoder::line(std::string_view text, std::vector<watch_event>& events) {
  if (text.empty() || text == "\r") return {};
  base::result<watch_event> event = parse_watch_event(text);
  if (!event) return event.error();
  if (event->type == watch_event_type::unknown) {
    ++unknown_events_;
    return {};
  }
  events.push_back(std::move(*event));
  return {};
}

}  // namespace warren::kubernetes
