#include "kubernetes/watch_decoder.hpp"

#include "kubernetes/errc.hpp"
#include "tests/support/catch.hpp"

using namespace warren;
using kubernetes::errc;
using kubernetes::watch_decoder;
using kubernetes::watch_event;
using kubernetes::watch_event_type;

namespace {

std::string line(const std::string& type, const std::string& name, const std::string& version) {
  return R"({"type":")" + type + R"(","object":{"metadata":{"name":")" + name +
         R"(","resourceVersion":")" + version +
         R"("},"addressType":"IPv4","endpoints":[{"addresses":["10.0.0.1"]}]}})" + "\n";
}

std::string summary(const std::vector<watch_event>& events) {
  std::string out;
  for (const watch_event& e : events) {
    out += std::to_string(static_cast<int>(e.type)) + e.slice.name + e.slice.resource_version +
           std::to_string(e.slice.endpoints.size()) + " ";
  }
  return out;
}

}  // namespace

TEST_CASE("K13: a stream sliced at every byte gives the same events", "[kubernetes]") {
  const std::string stream = line("ADDED", "a", "1") + "\r\n" + line("MODIFIED", "a", "2") + "\n" +
                             line("DELETED", "b", "3") + line("BOOKMARK", "", "4");
  std::vector<watch_event> whole;
  watch_decoder once;
  REQUIRE(once.feed(stream, whole).has_value());
  REQUIRE(whole.size() == 4);
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    CAPTURE(cut);
    watch_decoder decoder;
    std::vector<watch_event> events;
    REQUIRE(decoder.feed(std::string_view(stream).substr(0, cut), events).has_value());
    REQUIRE(decoder.feed(std::string_view(stream).substr(cut), events).has_value());
    CHECK(summary(events) == summary(whole));
  }
  watch_decoder decoder;
  std::vector<watch_event> events;
  for (const char c : stream) REQUIRE(decoder.feed(std::string_view(&c, 1), events).has_value());
  CHECK(summary(events) == summary(whole));
}

TEST_CASE("K16: an event of unknown type is counted and passed over", "[kubernetes]") {
  watch_decoder decoder;
  std::vector<watch_event> events;
  REQUIRE(decoder.feed(line("RENAMED", "a", "1") + line("ADDED", "b", "2"), events).has_value());
  CHECK(decoder.unknown_events() == 1);
  REQUIRE(events.size() == 1);
  CHECK(events[0].slice.name == "b");
}

TEST_CASE("K16: a line that is no event ends the stream after the events before it",
          "[kubernetes]") {
  watch_decoder decoder;
  std::vector<watch_event> events;
  const auto done = decoder.feed(line("ADDED", "a", "1") + "garbage\n", events);
  REQUIRE(done.has_error());
  CHECK(done.error().code == errc::malformed_answer);
  CHECK(events.size() == 1);
}

TEST_CASE("K19: an endless line is refused at the limit, in one piece or in many", "[kubernetes]") {
  std::vector<watch_event> events;
  watch_decoder at_once(1000);
  CHECK(at_once.feed(std::string(1001, 'x'), events).error().code == errc::answer_too_large);
  watch_decoder in_pieces(1000);
  const std::string piece(100, 'x');
  for (int i = 0; i < 10; ++i) REQUIRE(in_pieces.feed(piece, events).has_value());
  CHECK(in_pieces.feed("x", events).error().code == errc::answer_too_large);
}
