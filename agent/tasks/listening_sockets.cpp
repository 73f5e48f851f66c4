#include "agent/tasks/listening_sockets.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <optional>
#include <string>
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

base::result<void> read_table(const char* path, std::vector<std::uint16_t>& ports) {
  const auto fail = [path] {
    return base::failure(base::error_code(errno, boost::system::system_category()), path);
  };
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return fail();
  base::result<void> outcome;
  std::string text;
  std::array<char, 8192> buffer;
  for (bool more = true; more;) {
    const ssize_t n = ::read(file, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) outcome = fail();
    if (n <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(n));
    const std::size_t whole = text.rfind('\n') + 1;
    more = collect_listening_ports(std::string_view(text).substr(0, whole), ports);
    text.erase(0, whole);
  }
  ::close(file);
  return outcome;
}

}  // namespace

bool collect_listening_ports(std::string_view lines, std::vector<std::uint16_t>& ports) {
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

base::result<std::vector<std::uint16_t>> listening_ports() {
  std::vector<std::uint16_t> ports;
  if (const auto v4 = read_table("/proc/net/tcp", ports); v4.has_error()) return v4.error();
  // Absent on a machine without IPv6.
  if (const auto v6 = read_table("/proc/net/tcp6", ports);
      v6.has_error() && v6.error().code != boost::system::errc::no_such_file_or_directory) {
    return v6.error();
  }
  std::sort(ports.begin(), ports.end());
  ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
  return ports;
}

}  // namespace warren::agent
