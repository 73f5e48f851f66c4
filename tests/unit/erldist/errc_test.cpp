#include "erldist/errc.hpp"

#include "erldist/node_name.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace warren;
using namespace warren::erldist;

TEST_CASE("away, silent and mistaken nodes are told apart", "[erldist]") {
  CHECK(classify(errc::epmd_refused) == obstacle::away);
  CHECK(classify(errc::node_not_registered) == obstacle::away);
  CHECK(classify(errc::connect_refused) == obstacle::away);
  CHECK(classify(errc::handshake_timeout) == obstacle::silent);
  CHECK(classify(errc::cookie_rejected) == obstacle::mistake);
  CHECK(classify(errc::tls_expected) == obstacle::mistake);
  CHECK(classify(errc::name_differs) == obstacle::mistake);
  CHECK(classify(errc::not_allowed) == obstacle::mistake);
  CHECK(classify(errc::alive) == obstacle::unclear);
  CHECK(classify(boost::system::errc::make_error_code(boost::system::errc::timed_out)) ==
        obstacle::unclear);
}

TEST_CASE("a node name has two parts", "[erldist]") {
  const auto parts = split_node_name("rabbit@rmq-0.rmq");
  REQUIRE(parts.has_value());
  CHECK(parts->alive == "rabbit");
  CHECK(parts->host == "rmq-0.rmq");
  const std::string bad =
      GENERATE(std::string(), std::string("rabbit"), std::string("@host"), std::string("rabbit@"),
               std::string("a@b@c"), std::string(300, 'a') + "@b");
  CAPTURE(bad);
  CHECK(split_node_name(bad).error().code == errc::bad_node_name);
}
