#include "agent/guard_link.hpp"

#include "agent/guard_protocol.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>
#include <utility>

namespace warren::agent {
namespace {

constexpr base::duration lag_window = std::chrono::seconds(30);

}  // namespace

guard_link::guard_link(const async::asio::any_io_executor& executor, base::descriptor link,
                       base::duration heartbeat_interval)
    : link_(executor, link.release()), heartbeat_interval_(heartbeat_interval) {}

async::awaitable<void> guard_link::beat() {
  for (;;) {
    send(static_cast<char>(guard_message::heartbeat), {});
    send_state();
    const base::time_point due = async::next_beat(heartbeat_interval_);
    co_await async::sleep_until(due);
    const base::time_point now = base::steady::now();
    note_lag(now - due, now);
  }
}

async::awaitable<void> guard_link::watch_guard() {
  using async::asio::posix::stream_descriptor;
  for (;;) {
    auto [ec] = co_await link_.async_wait(stream_descriptor::wait_read, async::as_tuple);
    if (ec) throw boost::system::system_error(ec);
    // The guard never writes: what can be read is its end.
    char byte = 0;
    const ssize_t n = ::recv(link_.native_handle(), &byte, sizeof byte, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) co_return;
  }
}

void guard_link::carry(std::string state) {
  if (state == state_ || state.size() > max_carried_state) return;
  state_ = std::move(state);
  state_sent_ = false;
  send_state();
}

void guard_link::send_state() {
  if (!state_sent_) state_sent_ = send(static_cast<char>(guard_message::state), state_);
}

// False if the guard has no room just then: it is stopped, and what it must know is sent again.
bool guard_link::send(char kind, const std::string& bytes) {
  std::array<iovec, 2> parts{iovec{&kind, 1}, iovec{const_cast<char*>(bytes.data()), bytes.size()}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  return ::sendmsg(link_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

void guard_link::note_lag(base::duration late, base::time_point now) {
  if (!lag_since_ || now - *lag_since_ >= lag_window) {
    lag_before_ = lag_since_ && now - *lag_since_ < 2 * lag_window ? lag_ : base::duration::zero();
    lag_ = base::duration::zero();
    lag_since_ = now;
  }
  lag_ = std::max(lag_, late);
}

base::duration guard_link::loop_lag() const {
  return std::max(lag_, lag_before_);
}

}  // namespace warren::agent
