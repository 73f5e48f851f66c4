#include "agent/admin_socket.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace warren::agent {
namespace {

constexpr int backlog = 16;
constexpr mode_t mode = 0660;

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

base::descriptor unix_socket() {
  return base::descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

// What keeps the place at `path` from being taken, or 0.
int occupied_by(const std::string& path) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) return errno == ENOENT ? 0 : errno;
  if (!S_ISSOCK(found.st_mode)) return EEXIST;
  const base::descriptor caller = unix_socket();
  if (!caller) return errno;
  const sockaddr_un address = address_of(path);
  const int done =
      ::connect(caller.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  // A queue that is full (EAGAIN) has an owner too; who may not connect cannot tell.
  const bool dead = done != 0 && (errno == ECONNREFUSED || errno == ENOENT);
  return dead ? 0 : EADDRINUSE;
}

// Listens under a name of its own first: at `path` nobody may connect before its mode is right.
base::descriptor listen_at(const std::string& path, const std::string& before) {
  base::descriptor listener = unix_socket();
  const sockaddr_un address = address_of(before);
  ::unlink(before.c_str());
  if (!listener ||
      ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return {};
  }
  if (::chmod(before.c_str(), mode) == 0 && ::listen(listener.get(), backlog) == 0 &&
      ::rename(before.c_str(), path.c_str()) == 0) {
    return listener;
  }
  const int cause = errno;
  ::unlink(before.c_str());
  errno = cause;
  return {};
}

std::string cure_of(int cause) {
  switch (cause) {
    case EADDRINUSE:
      return " (another agent listens there: give each its own --admin-socket)";
    case EEXIST:
      return " (it is a file of another kind: choose another --admin-socket)";
    case ENAMETOOLONG:
      return " (choose a shorter --admin-socket)";
    case ENOENT:
    case ENOTDIR:
    case EROFS:
    case EACCES:
    case EPERM:
      return " (mount a volume there that the agent may write to, an emptyDir for example, or "
             "choose another --admin-socket)";
    default:
      return "";
  }
}

}  // namespace

base::result<base::descriptor> open_admin_socket(const std::string& path) {
  const std::string before = path + "." + std::to_string(::getpid());
  int cause = before.size() >= sizeof(sockaddr_un::sun_path) ? ENAMETOOLONG : occupied_by(path);
  if (cause == 0) {
    base::descriptor listener = listen_at(path, before);
    if (listener) return listener;
    cause = errno;
  }
  return base::failure(base::error_code(cause, boost::system::system_category()),
                       "cannot listen on " + path + cure_of(cause));
}

bool is_unix_socket(const base::descriptor& socket) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  return ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &length) == 0 &&
         address.ss_family == AF_UNIX;
}

}  // namespace warren::agent
