#include "http/resolver.hpp"

#include "async/as_result.hpp"
#include "async/with_deadline.hpp"
#include "http/errc.hpp"

namespace warren::http {
namespace {

namespace asio = async::asio;
using asio::ip::tcp;
using async::awaitable;

constexpr auto answer_lasts = std::chrono::seconds(30);

awaitable<void> wait_for_cancel(asio::steady_timer& timer) {
  auto [ec] = co_await timer.async_wait(async::as_tuple);
  (void)ec;
}

}  // namespace

struct resolver::lookup : std::enable_shared_from_this<lookup> {
  lookup(const asio::any_io_executor& executor, std::string h, std::uint16_t p)
      : host(std::move(h)), port(p), resolver(executor), ended(executor, base::time_point::max()) {
    base::error_code not_literal;
    const asio::ip::address literal = asio::ip::make_address(host, not_literal);
    is_literal = !not_literal;
    if (is_literal) answer.emplace_back(literal, port);
  }

  void start() {
    running = true;
    resolver.async_resolve(host, std::to_string(port),
                           [self = shared_from_this()](const base::error_code& ec,
                                                       const tcp::resolver::results_type& found) {
                             self->finish(ec, found);
                           });
  }
  void finish(const base::error_code& ec, const tcp::resolver::results_type& found) {
    running = false;
    error = ec;
    if (!ec && !found.empty()) {
      answer.clear();
      for (const auto& entry : found) answer.push_back(entry.endpoint());
      answered = base::steady::now();
    }
    ended.cancel();
  }

  std::string host;
  std::uint16_t port;
  tcp::resolver resolver;
  asio::steady_timer ended;  // cancelled when a look-up has ended
  bool is_literal = false;
  bool running = false;
  base::error_code error;
  std::vector<tcp::endpoint> answer;
  base::time_point answered;
};

resolver::resolver(const asio::any_io_executor& executor, std::string host, std::uint16_t port)
    : lookup_(std::make_shared<lookup>(executor, std::move(host), port)) {}

awaitable<base::result<std::vector<tcp::endpoint>>> resolver::addresses(base::time_point deadline) {
  const std::shared_ptr<lookup> l = lookup_;
  const bool fresh = !l->answer.empty() && base::steady::now() - l->answered < answer_lasts;
  if (l->is_literal || fresh) co_return l->answer;
  if (!l->running) l->start();
  auto wait = async::with_deadline(deadline, wait_for_cancel(l->ended));
  const base::result<void> waited = co_await async::as_result(std::move(wait));
  if (!l->answer.empty()) co_return l->answer;
  if (!waited) co_return base::failure(errc::resolve_timeout, l->host);
  co_return base::failure(errc::resolve_failed, l->host + ": " + l->error.message());
}

}  // namespace warren::http
