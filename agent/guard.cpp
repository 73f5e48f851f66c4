#include "agent/guard.hpp"

#include "agent/exit_codes.hpp"
#include "agent/guard_protocol.hpp"
#include "agent/log.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <memory>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <utility>

namespace warren::agent {
namespace {

using domain::guard_action;
using domain::worker_end;

constexpr int most_messages = 64;  // of a worker, before the guard looks at its signals again

// The signals that the guard takes from a descriptor instead of handlers, for the life of the
// scope.
class signal_source {
 public:
  signal_source() {
    sigset_t ours;
    ::sigemptyset(&ours);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) {
      ::signal(signal, SIG_DFL);  // an inherited SIG_IGN for SIGCHLD would hide ended workers
      ::sigaddset(&ours, signal);
    }
    ::signal(SIGPIPE, SIG_IGN);  // a log nobody reads any more must not end the agent
    ::sigprocmask(SIG_BLOCK, &ours, &before_);
    source_ = base::descriptor(::signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!source_) throw std::system_error(errno, std::system_category(), "signalfd");
  }
  signal_source(const signal_source&) = delete;
  signal_source& operator=(const signal_source&) = delete;
  ~signal_source() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

  [[nodiscard]] int get() const { return source_.get(); }
  // 0 if there is none.
  int next() {
    signalfd_siginfo info{};
    const ssize_t n = ::read(source_.get(), &info, sizeof info);
    return n == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
  }
  void give_back_in_worker() {
    source_ = {};
    ::signal(SIGINT, SIG_IGN);
    ::signal(SIGHUP, SIG_IGN);
    ::sigprocmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t before_{};
  base::descriptor source_;
};

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return std::string("by signal ") + ::strsignal(WTERMSIG(status));
  return "with exit code " + std::to_string(WEXITSTATUS(status));
}

class guard {
 public:
  guard(std::vector<base::descriptor> listeners, const guarded_program& program,
        const domain::supervision_settings& settings)
      : listeners_(std::move(listeners)),
        program_(program),
        supervision_(settings, base::steady::now()) {}

  int run() {
    for (;;) {
      switch (supervision_.next(base::steady::now())) {
        case guard_action::wait:
          wait();
          break;
        case guard_action::start_worker:
          start_worker();
          break;
        case guard_action::terminate_worker:
          ::kill(worker_, SIGTERM);
          break;
        case guard_action::kill_worker:
          ::kill(worker_, SIGKILL);
          break;
        case guard_action::leave:
          return 0;
      }
    }
  }

 private:
  void start_worker() {
    std::array<int, 2> ends{-1, -1};
    const int type = SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK;
    const bool connected = ::socketpair(AF_UNIX, type, 0, ends.data()) == 0;
    base::descriptor ours(ends[0]);
    base::descriptor theirs(ends[1]);
    const pid_t self = ::getpid();
    const pid_t child = connected ? ::fork() : -1;
    if (child == 0) {
      ours = {};
      be_worker(self, std::move(theirs));
    }
    if (child < 0) {
      const std::string why = std::system_category().message(errno);
      if (told_.problem("fork", why)) log(log_level::error, "cannot start a worker: " + why);
      supervision_.worker_ended(base::steady::now());
      return;
    }
    told_.well("fork");
    worker_ = child;
    link_ = std::move(ours);
    supervision_.worker_started(base::steady::now());
  }

  // In the worker process: does not return, so that nothing of the guard runs twice.
  [[noreturn]] void be_worker(pid_t guard_pid, base::descriptor link) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != guard_pid) ::_exit(exit_software);
    ::prctl(PR_SET_NAME, "warren-worker");
    link_ = {};
    signals_.give_back_in_worker();
    worker_context context;
    context.listeners = std::move(listeners_);
    context.link = std::move(link);
    context.carried = carried_;
    context.restarts = restarts_;
    int code = exit_software;
    try {
      code = program_.work(std::move(context));
    } catch (const std::exception& e) {
      log(log_level::error, std::string("the worker broke: ") + e.what());
    }
    ::_exit(code);
  }

  void wait() {
    const base::time_point now = base::steady::now();
    const auto pause =
        std::chrono::ceil<std::chrono::milliseconds>(supervision_.look_at(now) - now);
    std::array<pollfd, 2> sources{pollfd{signals_.get(), POLLIN, 0},
                                  pollfd{link_.get(), POLLIN, 0}};
    if (::poll(sources.data(), sources.size(), static_cast<int>(pause.count())) <= 0) return;
    if (sources[1].revents != 0) read_link();
    if (sources[0].revents == 0) return;
    while (const int signal = signals_.next()) handle(signal);
  }

  void read_link() {
    for (int n_read = 0; link_ && n_read < most_messages; ++n_read) {
      const ssize_t n = ::recv(link_.get(), buffer_.get(), max_guard_message, MSG_TRUNC);
      if (n < 0) return;
      if (n == 0) {
        link_ = {};  // the worker closed its end: SIGCHLD or the silence will tell the rest
        return;
      }
      const auto length = static_cast<std::size_t>(n);
      const auto kind = static_cast<guard_message>(buffer_[0]);
      if (kind == guard_message::heartbeat) supervision_.heartbeat(base::steady::now());
      if (kind == guard_message::state && length <= max_guard_message) {
        carried_.assign(&buffer_[1], length - 1);
      }
    }
  }

  void handle(int signal) {
    switch (signal) {
      case SIGCHLD:
        reap();
        break;
      case SIGHUP:
        log(log_level::info, "SIGHUP: reading the settings again");
        if (program_.reload()) supervision_.replace();
        break;
      default:
        supervision_.stop(base::steady::now());
        break;
    }
  }

  // As process 1 of a container the guard inherits the children of others, and buries them.
  void reap() {
    int status = 0;
    while (const pid_t child = ::waitpid(-1, &status, WNOHANG)) {
      if (child < 0) return;
      if (child == worker_) worker_ended(status);
    }
  }

  void worker_ended(int status) {
    read_link();  // what it said last
    link_ = {};
    const std::string who = "worker " + std::to_string(std::exchange(worker_, 0));
    switch (supervision_.worker_ended(base::steady::now())) {
      case worker_end::asked:
        ++restarts_.reloaded;
        log(log_level::info, who + " ended as asked");
        break;
      case worker_end::hung:
        ++restarts_.hung;
        log(log_level::error, who + " gave no heartbeat and was killed; another one takes over");
        break;
      case worker_end::unexpected:
        ++(WIFSIGNALED(status) ? restarts_.crashed : restarts_.exited);
        log(log_level::error, who + " ended " + how_it_ended(status) + "; another one takes over");
        break;
    }
  }

  std::vector<base::descriptor> listeners_;
  const guarded_program& program_;
  domain::supervision supervision_;
  signal_source signals_;
  pid_t worker_ = 0;
  base::descriptor link_;
  std::unique_ptr<char[]> buffer_{new char[max_guard_message]};
  std::string carried_;
  worker_restarts restarts_;
  told_once told_;
};

}  // namespace

int run_guard(std::vector<base::descriptor> listeners, const guarded_program& program,
              const domain::supervision_settings& settings) {
  return guard(std::move(listeners), program, settings).run();
}

}  // namespace warren::agent
