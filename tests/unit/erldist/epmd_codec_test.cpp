#include "erldist/epmd_codec.hpp"

#include "erldist/errc.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/erlang_messages.hpp"

#include <string>

using namespace warren;
using namespace warren::erldist;

TEST_CASE("the request to EPMD names the node", "[erldist]") {
  CHECK(encode_port_request("rabbit") == std::string("\0\7zrabbit", 9));
}

TEST_CASE("EPMD's answer is understood as soon as its name is complete", "[erldist]") {
  const std::string answer = testing::epmd_answer_for("rabbit", 25672);
  for (std::size_t size = 0; size <= answer.size(); ++size) {
    CAPTURE(size);
    const auto decoded = decode_port_answer(std::string_view(answer).substr(0, size), "rabbit");
    REQUIRE(decoded.has_value());
    CHECK(decoded->has_value() == (size + 2 >= answer.size()));
  }
  const auto decoded = decode_port_answer(answer, "rabbit").value().value();
  CHECK(decoded.port == 25672);
  CHECK(decoded.node_type == 77);
  CHECK(decoded.highest_version == 6);
  CHECK(decoded.lowest_version == 5);
}

TEST_CASE("EPMD that does not know the node says so", "[erldist]") {
  const auto decoded = decode_port_answer(std::string("w\1", 2), "rabbit");
  REQUIRE(decoded.has_error());
  CHECK(decoded.error().code == errc::node_not_registered);
}

TEST_CASE("what EPMD would not send is refused", "[erldist]") {
  const std::string bytes =
      GENERATE(std::string("HTTP/1.1 400"), testing::epmd_answer_for("hare", 25672),
               testing::epmd_answer_for("rabbit", 0),
               testing::epmd_answer_for(std::string(60'000, 'r'), 25672).substr(0, 100));
  CAPTURE(bytes);
  const auto decoded = decode_port_answer(bytes, "rabbit");
  REQUIRE(decoded.has_error());
  CHECK(decoded.error().code == errc::epmd_protocol);
}
