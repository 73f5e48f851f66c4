#include "agent/tasks/listening_sockets.hpp"

#include "tests/support/catch.hpp"

#include <arpa/inet.h>
#include <cstring>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

using warren::agent::collect_from_diag;
using warren::agent::collect_from_proc;
using warren::agent::diag_message;

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
  CHECK(collect_from_proc(text, ports));
  CHECK(ports == std::vector<std::uint16_t>{5672, 25684});
}

TEST_CASE("reading stops at the first socket that does not listen") {
  std::vector<std::uint16_t> ports;
  const std::string text = std::string(heading) + std::string(amqp) + std::string(established);
  CHECK_FALSE(collect_from_proc(text, ports));
  CHECK(ports == std::vector<std::uint16_t>{5672});
}

TEST_CASE("lines that are not of the table give no port") {
  std::vector<std::uint16_t> ports;
  CHECK(collect_from_proc("\n   \nnonsense\n  3: 00000000:ZZZZ 0:0 0A\n  4: 1628 0:0 0A\n", ports));
  CHECK(ports.empty());
}

namespace {

// One message of the kernel's answer (sock_diag(7)).
std::string message(std::uint16_t type, std::uint16_t port) {
  nlmsghdr header{};
  inet_diag_msg body{};
  body.id.idiag_sport = htons(port);
  header.nlmsg_type = type;
  header.nlmsg_len = sizeof header + sizeof body;
  std::string bytes(NLMSG_ALIGN(header.nlmsg_len), '\0');
  std::memcpy(bytes.data(), &header, sizeof header);
  std::memcpy(bytes.data() + sizeof header, &body, sizeof body);
  return bytes;
}

std::span<const std::byte> as_bytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

}  // namespace

TEST_CASE("the kernel's answer may come in several pieces") {
  std::vector<std::uint16_t> ports;
  const std::string first =
      message(SOCK_DIAG_BY_FAMILY, 5672) + message(SOCK_DIAG_BY_FAMILY, 25672);
  CHECK(collect_from_diag(as_bytes(first), ports) == diag_message::more);
  const std::string last = message(SOCK_DIAG_BY_FAMILY, 4369) + message(NLMSG_DONE, 0);
  CHECK(collect_from_diag(as_bytes(last), ports) == diag_message::done);
  CHECK(ports == std::vector<std::uint16_t>{5672, 25672, 4369});
}

TEST_CASE("a kernel without socket diagnostics answers with an error") {
  std::vector<std::uint16_t> ports;
  CHECK(collect_from_diag(as_bytes(message(NLMSG_ERROR, 0)), ports) == diag_message::broken);
}

TEST_CASE("a cut answer is broken at every length") {
  const std::string whole = message(SOCK_DIAG_BY_FAMILY, 5672);
  for (std::size_t n = 1; n < whole.size(); ++n) {
    std::vector<std::uint16_t> ports;
    CHECK(collect_from_diag(as_bytes(whole.substr(0, n)), ports) == diag_message::broken);
  }
}
