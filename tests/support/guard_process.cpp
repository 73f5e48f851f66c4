#include "tests/support/guard_process.hpp"

#include "agent/listen.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <csignal>
#include <fstream>
#include <iostream>
#include <netinet/in.h>
#include <new>
#include <poll.h>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <utility>

namespace warren::testing {
namespace {

blackboard* make_board() {
  void* memory = ::mmap(nullptr, sizeof(blackboard), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("mmap");
  return new (memory) blackboard;
}

void report(blackboard& board, const agent::worker_context& context, int setting) {
  board.setting = setting;
  board.exited = context.restarts.exited;
  board.crashed = context.restarts.crashed;
  board.hung = context.restarts.hung;
  board.reloaded = context.restarts.reloaded;
  const std::size_t length = std::min(context.carried.size(), board.carried.size() - 1);
  std::copy_n(context.carried.begin(), length, board.carried.begin());
  board.worker = ::getpid();
  ++board.starts;
}

}  // namespace

guard_process::guard_process(work worker, const domain::supervision_settings& settings,
                             std::function<bool(int&)> reload)
    : board_(make_board()), log_(::memfd_create("log", MFD_CLOEXEC)) {
  auto listener = agent::open_listener("127.0.0.1", 0);
  std::vector<base::descriptor> listeners;
  listeners.push_back(std::move(listener).value());
  port_ = agent::local_port(listeners.front());
  guard_ = ::fork();
  if (guard_ < 0) throw std::runtime_error("fork");
  if (guard_ > 0) return;
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // as process 1 of a container would be
  ::dup2(log_.get(), STDERR_FILENO);
  for (const int signal : {SIGABRT, SIGSEGV, SIGTERM}) ::signal(signal, SIG_DFL);  // not Catch's
  int setting = 1;
  agent::guarded_program program;
  program.work = [&](agent::worker_context context) {
    report(*board_, context, setting);
    return worker(std::move(context), *board_);
  };
  program.reload = [&] {
    const bool good = reload(setting);
    ++board_->reloads;
    return good;
  };
  ::_exit(agent::run_guard(std::move(listeners), program, settings));
}

guard_process::~guard_process() {
  if (guard_ > 0) {
    ::kill(guard_, SIGKILL);
    ::waitpid(guard_, nullptr, 0);
  }
  ::munmap(board_, sizeof(blackboard));
  const std::string text = log();
  if (text.find("Sanitizer") != std::string::npos) std::cerr << text;
}

std::string guard_process::log() const {
  std::string text(1024 * 1024, '\0');
  const ssize_t length = ::pread(log_.get(), text.data(), text.size(), 0);
  text.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
  return text;
}

void guard_process::send(int signal) const {
  ::kill(guard_, signal);
}

int guard_process::wait() {
  int status = 0;
  wait_until([&] { return ::waitpid(guard_, &status, WNOHANG) == guard_; }, "the guard ends",
             std::chrono::seconds(1));
  guard_ = 0;
  wait_until([&] { return !process_runs(board_->worker); }, "the worker ends",
             std::chrono::seconds(1));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void wait_until(const std::function<bool()>& condition, const std::string& what,
                std::chrono::steady_clock::duration limit) {
  const auto last = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > last) throw std::runtime_error("not in time: " + what);
    ::poll(nullptr, 0, 1);
  }
}

bool process_runs(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t name_end = text.rfind(')');
  return name_end != std::string::npos && text.size() > name_end + 2 && text[name_end + 2] != 'Z';
}

bool signal_pending(pid_t pid, int signal) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("ShdPnd:", 0) != 0) continue;
    const unsigned long long pending = std::stoull(line.substr(7), nullptr, 16);
    return (pending >> static_cast<unsigned>(signal - 1) & 1U) != 0;
  }
  return false;
}

bool can_connect(std::uint16_t port) {
  const base::descriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(client.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0;
}

}  // namespace warren::testing
