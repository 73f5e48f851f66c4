// HTTP probes as kubelet makes them, from one small resident process: a new TCP connection each,
// `Connection: close`, the whole answer read, 200 to 399 is success. Prints one line of JSON.
//
//   probe_client --address IP --port P --path /readyz --count N [--rate R]
//     {"count", "failures", "wall_seconds", "p50_us", "p99_us", "cpu_seconds"}; the CPU is its own
//   probe_client --address IP --port P --path /readyz --wait-for STATUS [--limit SECONDS]
//     polls back to back until that status: {"elapsed_ms", "at", "polls"}; `at` is CLOCK_MONOTONIC
//     in seconds (Python's time.monotonic()), 0 stands for "no answer"; exit code 1 beyond the
//     limit

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <exception>
#include <netdb.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using steady = std::chrono::steady_clock;
using seconds = std::chrono::duration<double>;

constexpr std::size_t max_answer = 1024 * 1024;

struct options {
  std::string address = "127.0.0.1";
  std::string port = "15690";
  std::string path = "/readyz";
  std::size_t count = 1000;
  double rate = 0;     // probes a second; 0: back to back
  double timeout = 1;  // seconds for one probe, as kubelet's timeoutSeconds
  int wait_for = -1;   // an HTTP status, or 0 for no answer
  double limit = 60;   // seconds to wait for it
};

struct target {
  sockaddr_storage address{};
  socklen_t address_size = 0;
  std::string request;
  timeval timeout{};
};

class descriptor {
 public:
  explicit descriptor(int fd) : fd_(fd) {}
  ~descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// The status of a whole answer ("HTTP/1.1 200 OK"), or 0.
int status_of(std::string_view answer) {
  const std::string_view version = "HTTP/1.1 ";
  int status = 0;
  if (answer.substr(0, 7) != version.substr(0, 7) || answer.size() < 12) return 0;
  std::from_chars(answer.data() + version.size(), answer.data() + 12, status);
  return answer.find("\r\n\r\n") == std::string_view::npos ? 0 : status;
}

// One probe: the status, or 0 if there was no whole answer within the timeout.
int probe(const target& to, steady::time_point deadline) {
  const descriptor fd(socket(to.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) throw std::system_error(errno, std::generic_category(), "socket");
  // The sending limit bounds connect() as well.
  setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &to.timeout, sizeof to.timeout);
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &to.timeout, sizeof to.timeout);
  const auto* address = reinterpret_cast<const sockaddr*>(&to.address);
  if (connect(fd.get(), address, to.address_size) != 0) return 0;
  if (!send_all(fd.get(), to.request)) return 0;
  std::string answer;
  std::array<char, 4096> buffer{};
  while (answer.size() < max_answer && steady::now() < deadline) {
    const ssize_t received = recv(fd.get(), buffer.data(), buffer.size(), 0);
    if (received == 0) return status_of(answer);
    if (received < 0 && errno != EINTR) return 0;
    if (received > 0) answer.append(buffer.data(), static_cast<std::size_t>(received));
  }
  return 0;
}

seconds own_cpu() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto in_seconds = [](const timeval& t) {
    return seconds(std::chrono::seconds(t.tv_sec)) + seconds(std::chrono::microseconds(t.tv_usec));
  };
  return in_seconds(usage.ru_utime) + in_seconds(usage.ru_stime);
}

// The nearest-rank percentile of sorted values.
double percentile(const std::vector<double>& sorted, double share) {
  const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1) + 0.5);
  return sorted[rank];
}

void run_probes(const options& wanted, const target& to, steady::duration timeout) {
  std::vector<double> micros;
  micros.reserve(wanted.count);
  std::size_t failures = 0;
  const seconds cpu = own_cpu();
  const auto start = steady::now();
  for (std::size_t i = 0; i < wanted.count; ++i) {
    if (wanted.rate > 0) {
      const seconds offset(static_cast<double>(i) / wanted.rate);
      std::this_thread::sleep_until(start + std::chrono::duration_cast<steady::duration>(offset));
    }
    const auto begin = steady::now();
    const int status = probe(to, begin + timeout);
    micros.push_back(std::chrono::duration<double, std::micro>(steady::now() - begin).count());
    failures += status < 200 || status >= 400;
  }
  const seconds wall = steady::now() - start;
  const seconds used = own_cpu() - cpu;
  std::ranges::sort(micros);
  std::printf(
      "{\"count\": %zu, \"failures\": %zu, \"wall_seconds\": %.6f, \"p50_us\": %.1f, "
      "\"p99_us\": %.1f, \"cpu_seconds\": %.6f}\n",
      wanted.count, failures, wall.count(), percentile(micros, 0.50), percentile(micros, 0.99),
      used.count());
}

bool wait_for_status(const options& wanted, const target& to, steady::duration timeout) {
  const auto start = steady::now();
  for (std::size_t polls = 1; seconds(steady::now() - start).count() < wanted.limit; ++polls) {
    const int status = probe(to, steady::now() + timeout);
    if (status != wanted.wait_for) continue;
    const auto seen = steady::now();
    std::printf("{\"elapsed_ms\": %.3f, \"at\": %.6f, \"polls\": %zu}\n",
                std::chrono::duration<double, std::milli>(seen - start).count(),
                seconds(seen.time_since_epoch()).count(), polls);
    return true;
  }
  std::fprintf(stderr, "probe_client: no status %d within %g s\n", wanted.wait_for, wanted.limit);
  return false;
}

target make_target(const options& wanted, std::chrono::microseconds timeout) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(wanted.address.c_str(), wanted.port.c_str(), &hints, &found);
  if (failed != 0) {
    throw std::runtime_error(wanted.address + " port " + wanted.port + ": " + gai_strerror(failed));
  }
  target to;
  to.address_size = found->ai_addrlen;
  std::memcpy(&to.address, found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  const bool v6 = to.address.ss_family == AF_INET6;
  to.request = "GET " + wanted.path +
               " HTTP/1.1\r\nHost: " + (v6 ? "[" + wanted.address + "]" : wanted.address) + ":" +
               wanted.port +
               "\r\nUser-Agent: kube-probe/1.34\r\nAccept: */*\r\nConnection: close\r\n\r\n";
  to.timeout = {.tv_sec = timeout.count() / 1'000'000, .tv_usec = timeout.count() % 1'000'000};
  return to;
}

}  // namespace

int main(int argc, char** argv) {
  options wanted;
  CLI::App app{"HTTP probes as kubelet makes them"};
  app.add_option("--address", wanted.address, "an IP address");
  app.add_option("--port", wanted.port, "a number");
  app.add_option("--path", wanted.path);
  app.add_option("--count", wanted.count)->check(CLI::Range(1, 100'000'000));
  app.add_option("--rate", wanted.rate, "probes a second; 0: back to back");
  app.add_option("--timeout", wanted.timeout, "seconds for one probe")->check(CLI::PositiveNumber);
  app.add_option("--wait-for", wanted.wait_for, "poll until this status; 0: no answer");
  app.add_option("--limit", wanted.limit, "seconds to wait for it");
  CLI11_PARSE(app, argc, argv);
  try {
    const auto timeout = std::chrono::microseconds(static_cast<long>(wanted.timeout * 1e6));
    const target to = make_target(wanted, timeout);
    if (wanted.wait_for >= 0) return wait_for_status(wanted, to, timeout) ? 0 : 1;
    run_probes(wanted, to, timeout);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "probe_client: %s\n", e.what());
    return 2;
  }
  return 0;
}
