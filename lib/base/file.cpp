#include "base/file.hpp"

#include "base/descriptor.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace warren::base {
namespace {

failure last_error(const std::string& path) {
  return {error_code(errno, boost::system::system_category()), path};
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

result<std::string> read_file(const std::string& path, std::size_t limit) {
  // Non-blocking, so that a fifo put in a file's place cannot hang the caller.
  const descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return last_error(path);
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t n = ::read(file.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return last_error(path);
    if (n == 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
    if (text.size() > limit) {
      return failure(boost::system::errc::make_error_code(boost::system::errc::file_too_large),
                     path);
    }
  }
}

result<void> write_file_atomically(const std::string& path, std::string_view text) {
  const std::string draft = path + ".new." + std::to_string(::getpid());
  {
    const descriptor file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (file.get() < 0) return last_error(draft);
    if (::fchmod(file.get(), 0644) != 0 || !write_all(file.get(), text) ||
        ::fsync(file.get()) != 0) {
      failure why = last_error(draft);
      ::unlink(draft.c_str());
      return why;
    }
  }
  if (::rename(draft.c_str(), path.c_str()) != 0) {
    failure why = last_error(path);
    ::unlink(draft.c_str());
    return why;
  }
  return {};
}

}  // namespace warren::base
