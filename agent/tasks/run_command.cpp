#include "agent/tasks/run_command.hpp"

#include "async/as_result.hpp"
#include "async/with_deadline.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <cerrno>
#include <csignal>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace warren::agent {
namespace {

namespace asio = boost::asio;

base::failure failed_with(int error, const std::string& what) {
  return {base::error_code(error, boost::system::system_category()), what};
}

// Kills and reaps the program unless it was reaped before.
class child {
 public:
  explicit child(pid_t pid) : pid_(pid) {}
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  ~child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    reap();
  }
  int reap() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_;
};

base::result<pid_t> start(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
  // Asio opens sockets without CLOEXEC: none of them may live on in the program.
  ::posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  // The worker blocks or handles signals of its own; the program starts with the usual ones.
  sigset_t none;
  sigset_t all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, argv[0], &files, &attributes, argv.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  if (error != 0) return failed_with(error, arguments[0]);
  return pid;
}

async::awaitable<void> readable(asio::posix::stream_descriptor& descriptor) {
  co_await descriptor.async_wait(asio::posix::stream_descriptor::wait_read, async::use_awaitable);
}

}  // namespace

async::awaitable<base::result<void>> run_command(std::vector<std::string> arguments,
                                                 base::time_point deadline) {
  if (arguments.empty()) co_return failed_with(EINVAL, "no command");
  const base::result<pid_t> pid = start(arguments);
  if (pid.has_error()) co_return pid.error();
  child program(*pid);
  const int fd = static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0));
  if (fd < 0) co_return failed_with(errno, arguments[0]);
  asio::posix::stream_descriptor ended(co_await asio::this_coro::executor, fd);
  auto waiting = async::with_deadline(deadline, readable(ended));
  const base::result<void> in_time = co_await async::as_result(std::move(waiting));
  if (in_time.has_error()) co_return base::failure(in_time.error().code, arguments[0]);
  const int status = program.reap();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) co_return base::result<void>{};
  const std::string how = WIFEXITED(status)
                              ? " ended with exit code " + std::to_string(WEXITSTATUS(status))
                              : " was ended by signal " + std::to_string(WTERMSIG(status));
  co_return failed_with(ECANCELED, arguments[0] + how);
}

}  // namespace warren::agent
