#include "dns/client.hpp"

#include "async/as_result.hpp"
#include "async/with_deadline.hpp"
#include "dns/errc.hpp"
#include "dns/judge.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <utility>

namespace warren::dns {
namespace {

namespace asio = async::asio;
using asio::ip::tcp;
using asio::ip::udp;
using async::awaitable;

// One question as it is put to one server.
struct query {
  question what;
  std::uint16_t id = 0;
  bool edns = true;
  std::string bytes;
};

struct answer {
  judgement verdict;
  message whole;
};

base::result<query> make_query(const question& q, bool edns) {
  query made{q, static_cast<std::uint16_t>(std::random_device{}()), edns, {}};
  base::result<std::string> bytes = encode_query(made.id, q, edns);
  if (bytes.has_error()) return bytes.error();
  made.bytes = std::move(*bytes);
  return made;
}

// Nothing if the bytes do not belong to the query.
std::optional<answer> read_answer(std::string_view bytes, const query& q) {
  std::optional<message> decoded = decode_message(bytes);
  if (!decoded) return std::nullopt;
  judgement verdict = judge(*decoded, q.id, q.what, q.edns);
  if (verdict.what == verdict::foreign) return std::nullopt;
  return answer{std::move(verdict), std::move(*decoded)};
}

// The socket is connected: the kernel drops what comes from elsewhere, and tells when nobody
// listens there.
awaitable<answer> exchange_udp(udp::endpoint server, const query& q, bool& nonsense) {
  udp::socket socket(co_await asio::this_coro::executor, server.protocol());
  socket.connect(server);
  co_await socket.async_send(asio::buffer(q.bytes), async::use_awaitable);
  std::array<char, 4096> buffer{};
  for (;;) {
    const std::size_t size =
        co_await socket.async_receive(asio::buffer(buffer), async::use_awaitable);
    std::optional<answer> read = read_answer(std::string_view(buffer.data(), size), q);
    if (read) co_return std::move(*read);
    nonsense = true;
  }
}

awaitable<std::optional<answer>> exchange_tcp(udp::endpoint server, const query& q) {
  tcp::socket socket(co_await asio::this_coro::executor);
  const tcp::endpoint endpoint(server.address(), server.port());
  co_await socket.async_connect(endpoint, async::use_awaitable);
  std::string framed;
  framed += static_cast<char>(q.bytes.size() >> 8U);
  framed += static_cast<char>(q.bytes.size() & 0xffU);
  framed += q.bytes;
  co_await asio::async_write(socket, asio::buffer(framed), async::use_awaitable);
  std::array<unsigned char, 2> head{};
  co_await asio::async_read(socket, asio::buffer(head), async::use_awaitable);
  std::string body(head[0] * 256U + head[1], '\0');
  co_await asio::async_read(socket, asio::buffer(body), async::use_awaitable);
  co_return read_answer(body, q);
}

base::failure why(const base::error_code& code, bool nonsense) {
  if (nonsense) return errc::bad_answer;
  if (code == asio::error::timed_out) return errc::timeout;
  return {errc::unreachable, code.message()};
}

awaitable<base::result<answer>> ask_by_udp(udp::endpoint server, const query& q,
                                           base::time_point deadline) {
  bool nonsense = false;
  auto exchange = async::with_deadline(deadline, exchange_udp(server, q, nonsense));
  base::result<answer> got = co_await async::as_result(std::move(exchange));
  if (got.has_error()) co_return why(got.error().code, nonsense);
  co_return std::move(*got);
}

awaitable<base::result<answer>> ask_by_tcp(udp::endpoint server, const query& q,
                                           base::time_point deadline) {
  auto exchange = async::with_deadline(deadline, exchange_tcp(server, q));
  auto got = co_await async::as_result(std::move(exchange));
  if (got.has_error()) {
    base::failure failed = why(got.error().code, false);
    failed.detail = "by TCP" + (failed.detail.empty() ? "" : ": " + failed.detail);
    co_return failed;
  }
  if (!got->has_value() || (*got)->verdict.what == verdict::cut_short) {
    co_return base::failure(errc::bad_answer, "by TCP");
  }
  co_return std::move(**got);
}

// All that one server has to say.
awaitable<base::result<found>> ask(udp::endpoint server, const question& what,
                                   base::time_point deadline) {
  base::result<query> q = make_query(what, true);
  if (q.has_error()) co_return q.error();
  base::result<answer> got = co_await ask_by_udp(server, *q, deadline);
  if (got && got->verdict.what == verdict::edns_unknown) {
    q = make_query(what, false);
    got = co_await ask_by_udp(server, *q, deadline);
  }
  if (got && got->verdict.what == verdict::cut_short) {
    got = co_await ask_by_tcp(server, *q, deadline);
  }
  if (got.has_error()) co_return got.error();
  if (got->verdict.what != verdict::looked) {
    co_return base::failure(errc::server_failed, got->verdict.why);
  }
  found result;
  result.records = std::move(got->verdict.records);
  result.additional = std::move(got->whole.additional);
  co_return result;
}

void prefer(config& c, const server& s) {
  const auto at = std::ranges::find(c.servers, s);
  if (at != c.servers.end()) std::rotate(c.servers.begin(), at, at + 1);
}

}  // namespace

awaitable<base::result<found>> look_up(config& c, question q, base::time_point deadline) {
  const std::string what = std::string(name(q.type)) + " " + q.name;
  const std::vector<server> servers = c.servers;  // other look-ups change the order meanwhile
  const std::vector<base::duration> patience = c.patience;
  base::failure last(errc::timeout, what);
  for (const base::duration time : patience) {
    for (const server& s : servers) {
      base::error_code not_an_address;
      const asio::ip::address address = asio::ip::make_address(s.address, not_an_address);
      if (not_an_address) {
        last = base::failure(errc::unreachable, what + " of " + s.address + ": no IP address");
        continue;
      }
      const base::time_point now = base::steady::now();
      if (now >= deadline) co_return last;
      const udp::endpoint endpoint(address, s.port);
      base::result<found> got = co_await ask(endpoint, q, std::min(deadline, now + time));
      if (got) {
        prefer(c, s);
        co_return std::move(*got);
      }
      last = got.error();
      std::string text = what + " of " + s.address;
      if (!last.detail.empty()) text.append(" (").append(last.detail).append(")");
      last.detail = std::move(text);
      if (last.code == errc::bad_name) co_return last;
    }
  }
  co_return last;
}

awaitable<base::result<std::vector<std::string>>> look_up_addresses(config& c, std::string name,
                                                                    base::time_point deadline) {
  std::vector<std::string> addresses;
  for (const record_type type : {record_type::a, record_type::aaaa}) {
    question q{name, type};
    const base::result<found> got = co_await look_up(c, std::move(q), deadline);
    if (got.has_error()) co_return got.error();
    for (const record& r : got->records) addresses.push_back(r.value);
  }
  co_return addresses;
}

}  // namespace warren::dns
