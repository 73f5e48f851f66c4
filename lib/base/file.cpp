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

// Piece by piece: a program is larger than the memory that a container may have to spare.
result<void> copy_all(int from, const std::string& from_path, int to, const std::string& to_path) {
  char buffer[65536];
  for (;;) {
    const ssize_t n = ::read(from, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return last_error(from_path);
    if (n == 0) return {};
    if (!write_all(to, {buffer, static_cast<std::size_t>(n)})) return last_error(to_path);
  }
}

// Where the name begins in a path.
std::size_t name_at(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? 0 : slash + 1;
}

// Makes a new file, has it filled, and renames it over `path`. The failure of `fill` is the result.
template <class Fill>
result<void> replace_file(const std::string& path, mode_t mode, bool synced, const Fill& fill) {
  const std::string draft = draft_of(path) + std::to_string(::getpid());
  const auto given_up = [&](failure why) {
    ::unlink(draft.c_str());
    return why;
  };
  {
    const descriptor file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
    if (file.get() < 0) return last_error(draft);
    if (::fchmod(file.get(), mode) != 0) return given_up(last_error(draft));
    if (const result<void> filled = fill(file.get(), draft); filled.has_error()) {
      return given_up(filled.error());
    }
    if (synced && ::fsync(file.get()) != 0) return given_up(last_error(draft));
  }
  if (::rename(draft.c_str(), path.c_str()) != 0) return given_up(last_error(path));
  return {};
}

result<void> replace_text(const std::string& path, std::string_view text, bool synced) {
  return replace_file(path, 0644, synced, [&](int fd, const std::string& draft) -> result<void> {
    if (!write_all(fd, text)) return last_error(draft);
    return {};
  });
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
  return replace_text(path, text, false);
}

result<void> write_file_durably(const std::string& path, std::string_view text) {
  if (auto replaced = replace_text(path, text, true); replaced.has_error()) return replaced;
  return sync_folder(path.substr(0, name_at(path)));
}

result<void> copy_program_durably(const std::string& from, const std::string& to) {
  const descriptor source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (source.get() < 0) return last_error(from);
  auto copied = replace_file(to, 0755, true, [&](int fd, const std::string& draft) {
    return copy_all(source.get(), from, fd, draft);
  });
  if (copied.has_error()) return copied;
  return sync_folder(to.substr(0, name_at(to)));
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
