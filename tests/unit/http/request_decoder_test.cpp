#include "http/request_decoder.hpp"

#include "tests/support/catch.hpp"

using namespace warren;
using http::decode_request;
using http::decoded_request;
using state = decoded_request::state;

namespace {

decoded_request decode(std::string_view bytes) {
  return decode_request(bytes, {});
}

}  // namespace

TEST_CASE("kubelet's probe is decoded whole", "[http]") {
  const std::string probe =
      "GET /readyz?verbose&exclude=ping HTTP/1.1\r\nHost: 10.0.0.1:15690\r\n"
      "User-Agent: kube-probe/1.37\r\nAccept: */*\r\nConnection: close\r\n\r\n";
  const decoded_request got = decode(probe);
  REQUIRE(got.is == state::complete);
  CHECK(got.asked.verb == http::method::get);
  CHECK(got.asked.path == "/readyz");
  CHECK(got.asked.accept == "*/*");
  CHECK(got.asked.parameter("verbose") == "");
  CHECK(got.asked.parameter("exclude") == "ping");
  CHECK_FALSE(got.asked.parameter("other"));
  CHECK(got.used == probe.size());
  CHECK_FALSE(got.keep_alive);
}

TEST_CASE("a request cut at any byte is incomplete, never malformed", "[http]") {
  const std::string whole = "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";
  for (std::size_t n = 0; n < whole.size(); ++n) {
    CAPTURE(n);
    CHECK(decode(whole.substr(0, n)).is == state::need_more);
  }
  CHECK(decode(whole).is == state::complete);
}

TEST_CASE("pipelined requests are taken one by one", "[http]") {
  const std::string one = "GET /a HTTP/1.1\r\n\r\n";
  const decoded_request got = decode(one + "GET /b HTTP/1.1\r\n\r\n");
  REQUIRE(got.is == state::complete);
  CHECK(got.asked.path == "/a");
  CHECK(got.used == one.size());
  CHECK(got.keep_alive);
}

TEST_CASE("HTTP/1.0 is kept alive only when it asks for it", "[http]") {
  CHECK_FALSE(decode("GET / HTTP/1.0\r\n\r\n").keep_alive);
  CHECK(decode("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

TEST_CASE("targets and query parameters are percent-decoded", "[http]") {
  const decoded_request got =
      decode("HEAD http://pod:1/v1/a%20b?x=1%262&x=2&plus=a+b&=e& HTTP/1.1\r\n\r\n");
  REQUIRE(got.is == state::complete);
  CHECK(got.asked.verb == http::method::head);
  CHECK(got.asked.path == "/v1/a b");
  REQUIRE(got.asked.query.size() == 4);
  CHECK(got.asked.parameter("x") == "1&2");
  CHECK(got.asked.parameter("plus") == "a b");
  CHECK(got.asked.parameter("") == "e");
}

TEST_CASE("P8: what is not a request is refused with the right status", "[http]") {
  struct row {
    const char* what;
    std::string bytes;
    int status;
  };
  const row table[] = {
      {"a TLS hello", std::string("\x16\x03\x01\x02\x00\x01", 6), 400},
      {"no version", "GET /\r\n\r\n", 400},
      {"a broken escape", "GET /%4 HTTP/1.1\r\n\r\n", 400},
      {"a NUL in the path", "GET /%00 HTTP/1.1\r\n\r\n", 400},
      {"a relative path", "GET readyz HTTP/1.1\r\n\r\n", 400},
      {"a broken header line", "GET / HTTP/1.1\r\nno colon\r\n\r\n", 400},
      {"two lengths", "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
      {"another method", "DELETE / HTTP/1.1\r\n\r\n", 405},
      {"a method with a body", "POST / HTTP/1.1\r\nContent-Length: 99999\r\n\r\n", 405},
      {"a large body", "GET / HTTP/1.1\r\nContent-Length: 5000\r\n\r\n", 413},
      {"an endless header", "GET / HTTP/1.1\r\nX: " + std::string(9000, 'x'), 431},
      {"a header over the limit", "GET / HTTP/1.1\r\nX: " + std::string(9000, 'x') + "\r\n\r\n",
       431},
  };
  for (const row& r : table) {
    CAPTURE(r.what);
    const decoded_request got = decode(r.bytes);
    REQUIRE(got.is == state::refused);
    CHECK(got.status == r.status);
    CHECK_FALSE(got.why.empty());
  }
}

TEST_CASE("too many parameters are refused", "[http]") {
  std::string target = "/?";
  for (int i = 0; i < 65; ++i) target += "a=b&";
  CHECK(decode("GET " + target + " HTTP/1.1\r\n\r\n").status == 400);
}

TEST_CASE("an endless chunked body is refused", "[http]") {
  std::string bytes = "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 6000; ++i) bytes += "1\r\nx\r\n";
  CHECK(decode(bytes).status == 413);
}

TEST_CASE("POST is taken where the limits say so, and its body is bounded and passed over",
          "[http]") {
  http::request_limits limits;
  limits.post = true;
  const std::string head = "POST /v1/gate/join?node=a HTTP/1.1\r\nContent-Length: ";
  const decoded_request got = http::decode_request(head + "2\r\n\r\nhi", limits);
  REQUIRE(got.is == state::complete);
  CHECK(got.asked.verb == http::method::post);
  CHECK(got.asked.path == "/v1/gate/join");
  CHECK(got.asked.parameter("node") == "a");
  CHECK(got.used == head.size() + 7);
  CHECK(http::decode_request(head + "2\r\n\r\nh", limits).is == state::need_more);
  CHECK(http::decode_request(head + "99999\r\n\r\n", limits).status == 413);
  CHECK(http::decode_request("PUT / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", limits).status == 405);
  CHECK(decode(head + "0\r\n\r\n").status == 405);
}
