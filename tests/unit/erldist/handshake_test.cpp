#include "erldist/handshake.hpp"

#include "erldist/errc.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/erlang_messages.hpp"

#include <string>
#include <vector>

using namespace warren;
using namespace warren::erldist;
using testing::acknowledgement_message;
using testing::challenge_message;
using testing::status_message;

namespace {

const base::secret cookie("monster");
constexpr std::uint32_t own_challenge = 12345;
constexpr std::uint32_t peer_creation = 0x61F0A3B2;

handshake start() {
  return handshake({.own_name = "warren-rmq-0@host",
                    .peer_name = "rabbit@host",
                    .cookie = cookie,
                    .creation = 7,
                    .challenge = own_challenge});
}

std::vector<std::string> good_messages() {
  return {status_message("ok"), challenge_message("rabbit@host", 99, peer_creation),
          acknowledgement_message(cookie, own_challenge)};
}

base::error_code failure_after(std::vector<std::string> messages) {
  handshake h = start();
  for (const std::string& m : messages) {
    if (const auto ok = h.receive(m); !ok) return ok.error().code;
  }
  return {};
}

}  // namespace

TEST_CASE("the first message offers the name, the creation and the flags", "[erldist]") {
  handshake h = start();
  const std::string expected =
      std::string("\0\x20N\0\0\0\x04\x03\x07\x0f\x94\0\0\0\7\0\x11", 17) + "warren-rmq-0@host";
  CHECK(h.take_output() == expected);
  CHECK(h.take_output().empty());
}

TEST_CASE("a handshake succeeds, whatever the chunks it comes in", "[erldist]") {
  std::string stream;
  for (const std::string& m : good_messages()) stream += m;
  stream += "and the first message";
  const std::size_t chunk = GENERATE(1u, 2u, 3u, 7u, 64u, 1000u);
  CAPTURE(chunk);
  handshake h = start();
  std::string sent;
  for (std::size_t at = 0; at < stream.size() && !h.done(); at += chunk) {
    REQUIRE(h.receive(std::string_view(stream).substr(at, chunk)).has_value());
    sent += h.take_output();
  }
  REQUIRE(h.done());
  CHECK(h.peer().name == "rabbit@host");
  CHECK(h.peer().creation == peer_creation);
  CHECK(h.peer().flags == testing::broker_flags);
  CHECK(std::string("and the first message").starts_with(h.rest()));
  const auto proof = challenge_digest(cookie, 99).value();
  CHECK(sent.ends_with(std::string("\0\x15r\0\0\x30\x39", 7) +
                       std::string(proof.begin(), proof.end())));
}

TEST_CASE("the digest is MD5 of the cookie and the decimal challenge", "[erldist]") {
  // printf monster12345 | md5sum
  const auto d = challenge_digest(cookie, 12345).value();
  std::string hex;
  for (const unsigned char byte : d) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 0xF];
  }
  CHECK(hex == "a5ed80015fecaf4c95df69831987c39e");
}

TEST_CASE("a node that closes the connection rejects the cookie only after our digest",
          "[erldist]") {
  handshake h = start();
  const auto messages = good_messages();
  CHECK(h.closed().code == errc::handshake_closed);
  REQUIRE(h.receive(messages[0]).has_value());
  CHECK(h.closed().code == errc::handshake_closed);
  REQUIRE(h.receive(messages[1]).has_value());
  CHECK(h.closed().code == errc::cookie_rejected);
  CHECK(h.closed().text().find("monster") == std::string::npos);
}

TEST_CASE("each refusal has a name of its own", "[erldist]") {
  CHECK(failure_after({status_message("ok_simultaneous")}) == base::error_code{});
  CHECK(failure_after({status_message("nok")}) == errc::status_nok);
  CHECK(failure_after({status_message("not_allowed")}) == errc::not_allowed);
  CHECK(failure_after({status_message("alive")}) == errc::alive);
  CHECK(failure_after({status_message("named:")}) == errc::handshake_protocol);
  CHECK(failure_after({status_message("whatever")}) == errc::handshake_protocol);
}

TEST_CASE("a first reply that is no status means TLS", "[erldist]") {
  CHECK(failure_after({std::string("\x15\3\1\0\2\2\x28", 7)}) == errc::tls_expected);
  CHECK(failure_after({"\x15"}) == errc::tls_expected);
  CHECK(failure_after({"HTTP/1.1 400 Bad Request"}) == errc::tls_expected);
  CHECK(failure_after({std::string("\0\3xyz", 5)}) == errc::tls_expected);
}

TEST_CASE("another node than the dialled one is refused", "[erldist]") {
  CHECK(failure_after({status_message("ok"), challenge_message("rabbit@other", 1, 1)}) ==
        errc::name_differs);
}

TEST_CASE("a node without needed flags is refused, and both sets are told", "[erldist]") {
  handshake h = start();
  REQUIRE(h.receive(status_message("ok")).has_value());
  const auto r = h.receive(challenge_message("rabbit@host", 1, 1, 0x7df7fbd));
  CHECK(r.has_value());
  handshake old = start();
  REQUIRE(old.receive(status_message("ok")).has_value());
  const auto refused = old.receive(challenge_message("rabbit@host", 1, 1, 0x6df7fbd));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == errc::unsupported_peer);
  CHECK(refused.error().detail.find("0x6df7fbd") != std::string::npos);
  CHECK(refused.error().detail.find("0x1070f94") != std::string::npos);
  const std::string version5 = std::string("\0\3n\0\5", 5);
  CHECK(failure_after({status_message("ok"), version5}) == errc::unsupported_peer);
}

TEST_CASE("a node that does not know the cookie is refused", "[erldist]") {
  auto messages = good_messages();
  messages[2] = acknowledgement_message(base::secret("other"), own_challenge);
  CHECK(failure_after(messages) == errc::peer_digest_wrong);
}

TEST_CASE("a handshake fails at every step that is not as it should be", "[erldist]") {
  const std::size_t step = GENERATE(1u, 2u);
  const std::string wrong =
      GENERATE(std::string("\0\0", 2), std::string("\xFF\xFF", 2), std::string("\0\1?", 3),
               status_message("ok"), std::string("\0\2a\0", 4));
  CAPTURE(step, wrong);
  auto messages = good_messages();
  messages.resize(step);
  messages.push_back(wrong);
  CHECK(failure_after(messages) == errc::handshake_protocol);
}
