#include "erldist/control.hpp"

#include "erldist/frame.hpp"
#include "etf/encode.hpp"
#include "etf/errc.hpp"
#include "tests/support/catch.hpp"

using namespace warren;
using namespace warren::erldist;
using etf::atom;
using etf::tuple_of;

namespace {

const etf::pid us{atom("warren@host"), 1, 0, 7};

std::string frame_of(const etf::term& control) {
  return "p" + etf::encode(control);
}

int operation_of(const std::string& frame) {
  const auto m = decode_message(frame);
  REQUIRE(m.has_value());
  REQUIRE(std::holds_alternative<other_message>(*m));
  return std::get<other_message>(*m).operation;
}

}  // namespace

TEST_CASE("a message to a name is written and read", "[erldist]") {
  std::string out;
  append_message(out, name_message{us, "rex", tuple_of(1, 2)});
  CHECK(out.substr(0, 4) == std::string("\0\0\0", 3) + static_cast<char>(out.size() - 4));
  const auto m = decode_message(std::string_view(out).substr(4));
  REQUIRE(m.has_value());
  const auto& named = std::get<name_message>(*m);
  CHECK(named.from == us);
  CHECK(named.to == "rex");
  CHECK(named.payload == tuple_of(1, 2));
}

TEST_CASE("a message to a process is read with and without its sender", "[erldist]") {
  const etf::term first = GENERATE(tuple_of(2, atom(), us), tuple_of(22, us, us));
  const auto m = decode_message(frame_of(first) + etf::encode(3));
  REQUIRE(m.has_value());
  const auto& sent = std::get<process_message>(*m);
  CHECK(sent.to == us);
  CHECK(sent.payload == etf::term(3));
}

TEST_CASE("other control messages are told apart by their number only", "[erldist]") {
  CHECK(operation_of(frame_of(tuple_of(3, us, us, atom("normal")))) == 3);
  CHECK(operation_of(frame_of(tuple_of(4711))) == 4711);
  CHECK(operation_of(frame_of(tuple_of(2, atom(), atom("nobody")))) == 2);
  CHECK(operation_of(frame_of(atom("send"))) == 0);
  CHECK(operation_of(frame_of(tuple_of(-1))) == 0);
  CHECK(operation_of("\x83 something with an atom cache") == 0);
  CHECK(operation_of("") == 0);
}

TEST_CASE("a broken term in a message is an error", "[erldist]") {
  CHECK(decode_message("p\x83h").error().code == etf::errc::truncated);
  const auto cut = decode_message(frame_of(tuple_of(2, atom(), us)));
  REQUIRE(cut.has_error());
  CHECK(cut.error().code == etf::errc::truncated);
}
