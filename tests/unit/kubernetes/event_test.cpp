#include "kubernetes/event.hpp"

#include "tests/support/catch.hpp"

#include <string>

using namespace std::chrono_literals;
using namespace warren::kubernetes;
using warren::base::wall_time;

TEST_CASE("a note is cut at 1024 bytes, never inside a character") {
  CHECK(event_note("memory alarm") == "memory alarm");
  CHECK(event_note(std::string(2000, 'a')) == std::string(1024, 'a'));
  // 1023 bytes and a character of two: it does not fit and goes as a whole.
  CHECK(event_note(std::string(1023, 'a') + "\xC3\xA9") == std::string(1023, 'a'));
  CHECK(event_note(std::string(1022, 'a') + "\xC3\xA9!") == std::string(1022, 'a') + "\xC3\xA9");
  CHECK(event_note(std::string(1021, 'a') + "\xF0\x9F\x90\x87") == std::string(1021, 'a'));
}

TEST_CASE("bytes that are no UTF-8 become replacement characters and still fit") {
  const std::string mark = "\xEF\xBF\xBD";
  CHECK(event_note("a\xFFz") == "a" + mark + "z");
  CHECK(event_note("\xC3") == mark);                                   // cut short
  CHECK(event_note("\xC0\xAF") == mark + mark);                        // overlong
  CHECK(event_note("\xE0\x80\x80") == mark + mark + mark);             // overlong
  CHECK(event_note("\xED\xA0\x80") == mark + mark + mark);             // a surrogate
  CHECK(event_note("\xF4\x90\x80\x80") == mark + mark + mark + mark);  // above U+10FFFF
  CHECK(event_note("\xE2\x82\xAC") == "\xE2\x82\xAC");
  CHECK(event_note(std::string(1024, '\xFF')).size() == 1023);  // 341 marks of three bytes
}

TEST_CASE("an Event's name is that of the object and the nanoseconds in hexadecimal") {
  CHECK(event_name("rmq-0", wall_time(0x17a2b3c4d5e6f708ns)) == "rmq-0.17a2b3c4d5e6f708");
}

TEST_CASE("an Event's name stays a DNS subdomain of 253 bytes however long the object's is") {
  const std::string object = std::string(235, 'a') + "-" + std::string(17, 'b');
  const std::string name = event_name(object, wall_time(0x17a2b3c4d5e6f708ns));
  CHECK(name == std::string(235, 'a') + ".17a2b3c4d5e6f708");
  CHECK(event_name(std::string(253, 'a'), wall_time(0x17a2b3c4d5e6f708ns)).size() == 253);
}
