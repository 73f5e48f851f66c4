#include "tests/support/run_in_child.hpp"

#include "base/descriptor.hpp"
#include "tests/support/guard_process.hpp"

#include <csignal>
#include <iostream>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/wait.h>

namespace warren::testing {
namespace {

std::string content(const base::descriptor& file) {
  std::string text(1024 * 1024, '\0');
  const ssize_t length = ::pread(file.get(), text.data(), text.size(), 0);
  text.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
  return text;
}

}  // namespace

child_outcome run_in_child(const std::function<int()>& body) {
  const base::descriptor out(::memfd_create("out", MFD_CLOEXEC));
  const base::descriptor err(::memfd_create("err", MFD_CLOEXEC));
  std::cout.flush();
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child == 0) {
    ::dup2(out.get(), STDOUT_FILENO);
    ::dup2(err.get(), STDERR_FILENO);
    const int code = body();
    std::cout.flush();
    ::_exit(code);
  }
  int status = 0;
  try {
    wait_until([&] { return ::waitpid(child, &status, WNOHANG) == child; }, "the child ends");
  } catch (...) {
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    throw;
  }
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), content(out),
          content(err)};
}

}  // namespace warren::testing
