#include "agent/settings_values.hpp"

#include "tests/support/catch.hpp"

using namespace warren::agent;
using namespace std::chrono_literals;

TEST_CASE("durations have a unit, or are seconds") {
  CHECK(parse_duration("500ms") == 500ms);
  CHECK(parse_duration("30s") == 30s);
  CHECK(parse_duration("30") == 30s);
  CHECK(parse_duration("5m") == 5min);
  CHECK(parse_duration("2h") == 2h);
  CHECK(parse_duration("0") == 0s);
  for (const char* bad : {"", "s", "-1s", "1.5s", "1 s", "1d", "1000000000", "999999999h", "1s "}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_duration(bad));
  }
}

TEST_CASE("a duration is written in the longest unit that is exact, and reads back") {
  CHECK(format_duration(0s) == "0s");
  for (const char* text : {"250ms", "30s", "5m", "1h", "90s"}) {
    CHECK(format_duration(*parse_duration(text)) == text);
  }
}

TEST_CASE("a host with a port") {
  CHECK(parse_host_port("10.0.0.1:80")->host == "10.0.0.1");
  CHECK(parse_host_port("10.0.0.1:80")->port == 80);
  CHECK(parse_host_port("[::]:0")->host == "::");
  CHECK(parse_host_port("[::]:0")->port == 0);
  CHECK_FALSE(parse_host_port("api.example")->port);
  for (const char* bad : {"", ":80", "[::", "[10.0.0.1]:80", "::1:80", "a:", "a:x", "a:65536",
                          "a:80:90", "[::1]80", "a b:80"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_host_port(bad));
  }
}

TEST_CASE("a server's URL has a scheme and no path") {
  CHECK(parse_server_url("https://api:6443")->port == 6443);
  CHECK(parse_server_url("https://api/")->port == 443);
  CHECK(parse_server_url("http://api")->port == 80);
  CHECK_FALSE(parse_server_url("http://api")->tls);
  CHECK(parse_server_url("https://[fd00::1]")->host == "fd00::1");
  for (const char* bad : {"", "api:6443", "ftp://api", "https://", "https://api/v1",
                          "https://user@api", "https://api:0", "https://fd00::1"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_server_url(bad));
  }
}

TEST_CASE("names of Kubernetes") {
  CHECK(is_dns_label("rmq-0"));
  CHECK_FALSE(is_dns_label("rmq.0"));
  CHECK_FALSE(is_dns_label("-rmq"));
  CHECK_FALSE(is_dns_label("Rmq"));
  CHECK_FALSE(is_dns_label(std::string(64, 'a')));
  CHECK(is_dns_subdomain("rmq-0.a"));
  CHECK_FALSE(is_dns_subdomain("rmq..a"));
  CHECK_FALSE(is_dns_subdomain(""));
}

TEST_CASE("a port is a number up to 65535, and nothing else") {
  CHECK(parse_port("65535") == 65535);
  for (const char* bad : {"", "65536", "-1", "+1", "0x10", "1 ", "000001"}) {
    CHECK_FALSE(parse_port(bad));
  }
}

TEST_CASE("lists are split at any separator and have no empty parts") {
  CHECK(split(" a, b,,c ", ", ") == std::vector<std::string>{"a", "b", "c"});
  CHECK(split(",", ",").empty());
}
