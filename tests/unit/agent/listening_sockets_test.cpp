#include "agent/tasks/listening_sockets.hpp"

#include "tests/support/catch.hpp"

using warren::agent::collect_listening_ports;

namespace {
// As /proc/net/tcp prints it (proc(5)), shortened behind the state.
constexpr std::string_view heading = "  sl  local_address rem_address   st tx_queue rx_queue\n";
constexpr std::string_view amqp =
    "   0: 00000000:1628 00000000:0000 0A 00000000:00000000 00:00000000\n";
constexpr std::string_view v6_dist =
    "   1: 00000000000000000000000000000000:6454 00000000000000000000000000000000:0000 0A 0:0\n";
constexpr std::string_view established = "   2: 0100007F:1628 0100007F:C350 01 0:0 00:0\n";
}  // namespace

TEST_CASE("listening sockets are read from the kernel's table, both families") {
  std::vector<std::uint16_t> ports;
  const std::string text = std::string(heading) + std::string(amqp) + std::string(v6_dist);
  CHECK(collect_listening_ports(text, ports));
  CHECK(ports == std::vector<std::uint16_t>{5672, 25684});
}

TEST_CASE("reading stops at the first socket that does not listen") {
  std::vector<std::uint16_t> ports;
  const std::string text = std::string(heading) + std::string(amqp) + std::string(established);
  CHECK_FALSE(collect_listening_ports(text, ports));
  CHECK(ports == std::vector<std::uint16_t>{5672});
}

TEST_CASE("lines that are not of the table give no port") {
  std::vector<std::uint16_t> ports;
  CHECK(collect_listening_ports("\n   \nnonsense\n  3: 00000000:ZZZZ 0:0 0A\n  4: 1628 0:0 0A\n",
                                ports));
  CHECK(ports.empty());
}
