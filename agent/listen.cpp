#include "agent/listen.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>

namespace warren::agent {
namespace {

constexpr int backlog = 1024;  // connections that wait while a worker is replaced

struct endpoint {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

std::optional<endpoint> parse(const std::string& address, std::uint16_t port) {
  endpoint result;
  sockaddr_in6 v6{};
  sockaddr_in v4{};
  if (::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&result.storage, &v6, sizeof v6);
    result.size = sizeof v6;
    return result;
  }
  if (::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&result.storage, &v4, sizeof v4);
    result.size = sizeof v4;
    return result;
  }
  return std::nullopt;
}

bool set_option(int socket, int level, int option, int value) {
  return ::setsockopt(socket, level, option, &value, sizeof value) == 0;
}

// The socket, or none with the cause in errno.
base::descriptor listen_on(const endpoint& where) {
  const int family = where.storage.ss_family;
  base::descriptor listener(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener) return {};
  if (!set_option(listener.get(), SOL_SOCKET, SO_REUSEADDR, 1)) return {};
  if (family == AF_INET6 && !set_option(listener.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0)) return {};
  if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&where.storage), where.size) != 0 ||
      ::listen(listener.get(), backlog) != 0) {
    return {};
  }
  return listener;
}

}  // namespace

base::result<base::descriptor> open_listener(const std::string& address, std::uint16_t port) {
  const bool v6 = address.find(':') != std::string::npos;
  const std::string shown =
      "cannot listen on " + (v6 ? '[' + address + ']' : address) + ':' + std::to_string(port);
  const std::optional<endpoint> where = parse(address, port);
  if (!where) {
    return base::failure(
        boost::system::errc::make_error_code(boost::system::errc::invalid_argument),
        shown + " (not an IP address)");
  }
  base::descriptor listener = listen_on(*where);
  if (listener) return listener;
  int cause = errno;
  if (address == "::" && (cause == EAFNOSUPPORT || cause == EADDRNOTAVAIL)) {
    listener = listen_on(*parse("0.0.0.0", port));
    if (listener) return listener;
    cause = errno;
  }
  const std::string cure =
      cause == EADDRINUSE ? " (another program of this pod has the port: choose one with --listen)"
                          : "";
  return base::failure(base::error_code(cause, boost::system::system_category()), shown + cure);
}

std::uint16_t local_port(const base::descriptor& listener) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&storage), &size) != 0) return 0;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (storage.ss_family == AF_INET) {
    std::memcpy(&v4, &storage, sizeof v4);
    return ntohs(v4.sin_port);
  }
  std::memcpy(&v6, &storage, sizeof v6);
  return ntohs(v6.sin6_port);
}

}  // namespace warren::agent
