#include "agent/tasks/listening_sockets.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace warren::agent {
namespace {

constexpr std::string_view listening_state = "0A";  // TCP_LISTEN

std::string_view next_word(std::string_view& line) {
  const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
  const std::size_t end = std::min(line.find(' ', begin), line.size());
  const std::string_view word = line.substr(begin, end - begin);
  line.remove_prefix(end);
  return word;
}

std::optional<std::uint16_t> port_of(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view digits = address.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port, 16);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return port;
}

base::failure last_error(const char* what) {
  return {base::error_code(errno, boost::system::system_category()), what};
}

base::result<void> read_table(const char* path, std::vector<std::uint16_t>& ports) {
  const base::descriptor file(::open(path, O_RDONLY | O_CLOEXEC));
  if (!file) return last_error(path);
  std::string text;
  std::array<char, 8192> buffer{};
  for (;;) {
    const ssize_t n = ::read(file.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return last_error(path);
    if (n == 0) return {};
    text.append(buffer.data(), static_cast<std::size_t>(n));
    const std::size_t whole = text.rfind('\n') + 1;
    if (!collect_from_proc(std::string_view(text).substr(0, whole), ports)) return {};
    text.erase(0, whole);
  }
}

base::result<void> read_proc(std::vector<std::uint16_t>& ports) {
  if (auto v4 = read_table("/proc/net/tcp", ports); v4.has_error()) return v4;
  auto v6 = read_table("/proc/net/tcp6", ports);
  // Absent on a machine without IPv6.
  const bool absent =
      v6.has_error() && v6.error().code == boost::system::errc::no_such_file_or_directory;
  return absent ? base::result<void>{} : v6;
}

// Asks for the listening sockets of one family and collects the whole answer.
bool ask_diag(const base::descriptor& netlink, unsigned char family,
              std::vector<std::uint16_t>& ports) {
  struct {
    nlmsghdr header;
    inet_diag_req_v2 request;
  } question{};
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  question.request.sdiag_family = family;
  question.request.sdiag_protocol = IPPROTO_TCP;
  question.request.idiag_states = 1U << TCP_LISTEN;
  if (::send(netlink.get(), &question, sizeof question, 0) < 0) return false;
  alignas(nlmsghdr) std::array<std::byte, 16384> buffer{};
  for (;;) {
    // The kernel has its answer ready: there is nothing to wait for.
    const ssize_t n = ::recv(netlink.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    const auto part = std::span<const std::byte>(buffer).first(static_cast<std::size_t>(n));
    switch (collect_from_diag(part, ports)) {
      case diag_message::more:
        continue;
      case diag_message::done:
        return true;
      case diag_message::broken:
        return false;
    }
  }
}

}  // namespace

base::result<std::vector<std::uint16_t>> listening_sockets::ports() {
  std::vector<std::uint16_t> found;
  if (!netlink_ && !no_netlink_) {
    netlink_ = base::descriptor(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  }
  if (!netlink_ || !ask_diag(netlink_, AF_INET, found) || !ask_diag(netlink_, AF_INET6, found)) {
    // A kernel without it, or a sandbox that forbids it: that does not change.
    netlink_ = base::descriptor();
    no_netlink_ = true;
    found.clear();
    if (auto read = read_proc(found); read.has_error()) return read.error();
  }
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

diag_message collect_from_diag(std::span<const std::byte> messages,
                               std::vector<std::uint16_t>& ports) {
  while (!messages.empty()) {
    nlmsghdr header{};
    if (messages.size() < sizeof header) return diag_message::broken;
    std::memcpy(&header, messages.data(), sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > messages.size()) {
      return diag_message::broken;
    }
    if (header.nlmsg_type == NLMSG_DONE) return diag_message::done;
    inet_diag_msg found{};
    const std::size_t body = header.nlmsg_len - sizeof header;
    if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY || body < sizeof found) {
      return diag_message::broken;  // NLMSG_ERROR above all
    }
    std::memcpy(&found, messages.data() + sizeof header, sizeof found);
    ports.push_back(ntohs(found.id.idiag_sport));
    messages =
        messages.subspan(std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), messages.size()));
  }
  return diag_message::more;
}

bool collect_from_proc(std::string_view lines, std::vector<std::uint16_t>& ports) {
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    const std::string_view slot = next_word(line);
    if (slot.empty() || slot.back() != ':') continue;  // the heading
    const std::string_view local = next_word(line);
    next_word(line);
    if (next_word(line) != listening_state) return false;
    if (const auto port = port_of(local)) ports.push_back(*port);
  }
  return true;
}

}  // namespace warren::agent
