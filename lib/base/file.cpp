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

// Where the name begins in a path.
std::size_t name_at(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? 0 : slash + 1;
}

result<void> replace_file(const std::string& path, std::string_view text, bool synced) {
  const std::string draft = draft_of(path) + std::to_string(::getpid());
  {
    const descriptor file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (file.get() < 0) return last_error(draft);
    if (::fchmod(file.get(), 0644) != 0 || !write_all(file.get(), text) ||
        (synced && ::fsync(file.get()) != 0)) {
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
  return replace_file(path, text, false);
}

result<void> write_file_durably(const std::string& path, std::string_view text) {
  if (auto replaced = replace_file(path, text, true); replaced.has_error()) return replaced;
  return sync_folder(path.substr(0, name_at(path)));
}

result<void> sync_folder(const std::string& folder) {
  const std::string path = folder.empty() ? "." : folder;
  const descriptor entry(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
  if (entry.get() < 0 || ::fsync(entry.get()) != 0) return last_error(path);
  return {};
}

std::string draft_of(const std::string& path) {
  const std::size_t name = name_at(path);
  return path.substr(0, name) + "." + path.substr(name) + ".new.";
}

}  // namespace warren::base
