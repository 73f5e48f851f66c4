#include "erldist/connection.hpp"

#include "erldist/control.hpp"
#include "erldist/errc.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <optional>

namespace warren::erldist {
namespace {

namespace asio = async::asio;

// What may wait for a node that does not read; calls beyond it are refused.
constexpr std::size_t most_unsent_bytes = 1 << 20;

template <class Action>
class at_exit {
 public:
  explicit at_exit(Action action) : action_(std::move(action)) {}
  ~at_exit() { action_(); }
  at_exit(const at_exit&) = delete;
  at_exit& operator=(const at_exit&) = delete;

 private:
  Action action_;
};

}  // namespace

// Calls that wait together: one timer is both their deadline and what wakes their caller. Leaves
// the connection's table when it goes, also by cancellation.
class connection::burst {
 public:
  burst(connection& owner, const asio::any_io_executor& executor, std::size_t size)
      : timer(executor), answers_(size), owner_(owner) {}
  burst(const burst&) = delete;
  burst& operator=(const burst&) = delete;
  ~burst() {
    for (const std::int64_t tag : tags_) owner_.waiting_.erase(tag);
  }

  template <class MakeRequest>  // (pid, tag) -> term
  void start(std::size_t index, std::string to, const MakeRequest& make_request) {
    connection& link = owner_;
    if (!link.alive_) {
      answers_[index] = link.alive_.error();
    } else if (link.waiting_.size() >= link.settings_.calls_in_flight ||
               link.outgoing_.size() >= most_unsent_bytes) {
      answers_[index] = base::failure(errc::too_many_calls, link.peer_.name);
    } else {
      const std::int64_t tag = link.next_tag_++;
      append_message(link.outgoing_,
                     name_message{link.self_, std::move(to), make_request(link.self_, tag)});
      link.waiting_.emplace(tag, waiting{this, index});
      tags_.push_back(tag);
      ++missing_;
      ++link.counters_.calls;
    }
  }
  void finish(std::size_t index, base::result<etf::term> answer) {
    answers_[index] = std::move(answer);
    if (--missing_ == 0) timer.cancel();
  }
  [[nodiscard]] std::size_t missing() const { return missing_; }
  // The answer, or that it did not come in time.
  base::result<etf::term> take(std::size_t index, const std::string& what) {
    if (answers_[index]) return std::move(*answers_[index]);
    return base::failure(errc::call_timeout, what);
  }

  asio::steady_timer timer;

 private:
  std::vector<std::optional<base::result<etf::term>>> answers_;
  std::vector<std::int64_t> tags_;
  std::size_t missing_ = 0;
  connection& owner_;
};

connection::connection(asio::ip::tcp::socket socket, etf::pid self, handshake_peer peer,
                       std::string_view early, connection_settings settings)
    : socket_(std::move(socket)),
      self_(std::move(self)),
      peer_(std::move(peer)),
      settings_(settings),
      incoming_(settings.largest_frame),
      write_wanted_(socket_.get_executor()),
      last_received_(base::steady::now()),
      last_answer_(last_received_),
      last_sent_(last_received_) {
  base::error_code ignored;
  address_ = socket_.remote_endpoint(ignored).address();
  incoming_.append(early);
}

async::awaitable<base::failure> connection::run() {
  base::failure reason(errc::connection_closed, peer_.name);
  const at_exit ends([&] { end(reason); });
  auto executor = co_await asio::this_coro::executor;
  auto [order, read_error, read_end, write_error, write_end, watch_error, silent] =
      co_await asio::experimental::make_parallel_group(
          asio::co_spawn(executor, read_loop(), asio::deferred),
          asio::co_spawn(executor, write_loop(), asio::deferred),
          asio::co_spawn(executor, watch_silence(), asio::deferred))
          .async_wait(asio::experimental::wait_for_one(), async::use_awaitable);
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
  const std::array<std::exception_ptr, 3> errors{read_error, write_error, watch_error};
  const std::array<base::failure, 3> reasons{read_end, write_end, silent};
  if (errors[order[0]]) std::rethrow_exception(errors[order[0]]);
  reason = reasons[order[0]];
  co_return reason;
}

void connection::end(const base::failure& reason) {
  base::error_code ignored;
  socket_.close(ignored);
  alive_ = reason;
  for (const auto& [tag, call] : std::exchange(waiting_, {})) {
    call.whose->finish(call.index, reason);
  }
}

async::awaitable<base::failure> connection::read_loop() {
  std::array<char, 4096> chunk{};
  for (;;) {
    const auto taken = take_frames();
    if (!taken) co_return taken.error();
    auto [ec, size] = co_await socket_.async_read_some(asio::buffer(chunk), async::as_tuple);
    if (ec) {
      std::string detail = peer_.name;
      if (ec != asio::error::eof) detail += " (" + ec.message() + ")";
      co_return base::failure(errc::connection_lost, detail);
    }
    last_received_ = base::steady::now();
    counters_.bytes_received += size;
    incoming_.append(std::string_view(chunk.data(), size));
  }
}

async::awaitable<base::failure> connection::write_loop() {
  const base::duration tick_interval = settings_.net_ticktime / 4;
  std::string writing;
  for (;;) {
    if (outgoing_.empty()) {
      const bool wanted = co_await write_wanted_.wait_until(last_sent_ + tick_interval);
      if (!wanted) {
        outgoing_ += tick_frame;
        ++counters_.ticks_sent;
      }
      continue;
    }
    writing.clear();
    writing.swap(outgoing_);
    auto [ec, size] = co_await asio::async_write(socket_, asio::buffer(writing), async::as_tuple);
    if (ec) co_return base::failure(errc::connection_lost, peer_.name + " (" + ec.message() + ")");
    counters_.bytes_sent += size;
    ++counters_.writes;
    last_sent_ = base::steady::now();
  }
}

// Beside the writer, which may be stuck in a write to just such a node.
async::awaitable<base::failure> connection::watch_silence() {
  const base::duration limit = settings_.net_ticktime + settings_.net_ticktime / 4;
  while (base::steady::now() < last_received_ + limit) {
    co_await async::sleep_until(last_received_ + limit);
  }
  co_return base::failure(errc::peer_silent, peer_.name);
}

base::result<void> connection::take_frames() {
  for (;;) {
    const auto frame = incoming_.next();
    if (!frame) return base::failure(frame.error().code, peer_.name + " " + frame.error().detail);
    if (!*frame) return {};
    if ((*frame)->empty()) {
      ++counters_.ticks_received;
    } else {
      take_message(**frame);
    }
  }
}

void connection::take_message(std::string_view frame) {
  auto decoded = decode_message(frame);
  if (!decoded) {
    ++counters_.broken_messages;
    return;
  }
  const auto* sent = std::get_if<process_message>(&*decoded);
  auto answer = sent && sent->to == self_ ? take_answer(sent->payload) : std::nullopt;
  if (!answer) {
    ++counters_.ignored_messages;
    return;
  }
  const auto call = waiting_.find(answer->first);
  if (call == waiting_.end()) {
    ++counters_.late_answers;
    return;
  }
  const waiting who = call->second;
  waiting_.erase(call);
  ++counters_.answers;
  last_answer_ = last_received_;
  who.whose->finish(who.index, std::move(answer->second));
}

async::awaitable<void> connection::wait(burst& calls, base::time_point deadline) {
  if (calls.missing() == 0) co_return;
  write_wanted_.notify();
  calls.timer.expires_at(deadline);
  auto [ec] = co_await calls.timer.async_wait(async::as_tuple);
  if (calls.missing() == 0) co_return;
  if (ec) throw boost::system::system_error(ec);  // cancelled
  counters_.timeouts += calls.missing();
}

async::awaitable<base::result<etf::term>> connection::call(std::string module, std::string function,
                                                           std::vector<etf::term> arguments,
                                                           base::time_point deadline) {
  std::vector<function_call> calls;
  calls.push_back({std::move(module), std::move(function), std::move(arguments)});
  auto answers = co_await call_all(std::move(calls), deadline);
  co_return std::move(answers.front());
}

async::awaitable<std::vector<base::result<etf::term>>> connection::call_all(
    std::vector<function_call> calls, base::time_point deadline) {
  burst all(*this, co_await asio::this_coro::executor, calls.size());
  for (std::size_t i = 0; i < calls.size(); ++i) {
    all.start(i, "rex", [&](const etf::pid& self, std::int64_t tag) {
      return call_request(self, tag, calls[i]);
    });
  }
  co_await wait(all, deadline);
  std::vector<base::result<etf::term>> results;
  results.reserve(calls.size());
  for (std::size_t i = 0; i < calls.size(); ++i) {
    auto answer = all.take(i, calls[i].text() + " on " + peer_.name);
    if (answer) answer = call_result(std::move(*answer), calls[i]);
    results.push_back(std::move(answer));
  }
  co_return results;
}

async::awaitable<base::result<void>> connection::ping(base::time_point deadline) {
  burst one(*this, co_await asio::this_coro::executor, 1);
  one.start(0, "net_kernel", ping_request);
  co_await wait(one, deadline);
  const auto answer = one.take(0, "ping of " + peer_.name);
  if (!answer) co_return answer.error();
  co_return base::result<void>();
}

}  // namespace warren::erldist
