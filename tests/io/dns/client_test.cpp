#include "dns/client.hpp"

#include "dns/errc.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/dns_messages.hpp"
#include "tests/support/fake_dns.hpp"
#include "tests/support/run_coroutine.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/udp.hpp>

using namespace warren;
using namespace std::chrono_literals;
using testing::fake_dns;
using behaviour = fake_dns::behaviour;
using texts = std::vector<std::string>;

namespace {

dns::config asking(std::uint16_t port) {
  return {{{"127.0.0.1", port}}, {}, 1, {200ms, 300ms}};
}

base::time_point in(base::duration d) {
  return base::steady::now() + d;
}

const dns::question service{"_amqp._tcp.rmq", dns::record_type::srv};

void fill(fake_dns& server) {
  server.set("SRV _amqp._tcp.rmq", {testing::dns_srv("_amqp._tcp.rmq", "rmq-0.rmq")},
             {testing::dns_a("rmq-0.rmq", "10.0.0.1")});
}

// A server, what it does, and what then becomes of the question for its SRV records.
base::result<dns::found> asked_of(behaviour how, texts* asked = nullptr,
                                  base::duration limit = 5s) {
  base::result<dns::found> got;
  testing::run_coroutine([&]() -> async::awaitable<void> {
    fake_dns server(co_await async::asio::this_coro::executor);
    fill(server);
    server.behave(how);
    dns::config c = asking(server.port());
    got = co_await dns::look_up(c, service, in(limit));
    if (asked != nullptr) *asked = server.asked();
  });
  return got;
}

void check_found(const base::result<dns::found>& got) {
  REQUIRE(got.has_value());
  REQUIRE(got->records.size() == 1);
  CHECK(got->records[0].value == "rmq-0.rmq");
  CHECK(got->records[0].port == 5672);
  REQUIRE(got->additional.size() == 1);
  CHECK(got->additional[0].value == "10.0.0.1");
}

}  // namespace

TEST_CASE("records come with what the server sent along") {
  texts asked;
  check_found(asked_of(behaviour::answers, &asked));
  CHECK(asked == texts{"SRV _amqp._tcp.rmq"});
}

TEST_CASE("an answer that was cut short is asked for again by TCP") {
  texts asked;
  check_found(asked_of(behaviour::cuts_short, &asked));
  CHECK(asked == texts{"SRV _amqp._tcp.rmq", "SRV _amqp._tcp.rmq by TCP"});
}

TEST_CASE("a server that does not know EDNS is asked without it") {
  texts asked;
  check_found(asked_of(behaviour::refuses_edns, &asked));
  CHECK(asked == texts{"SRV _amqp._tcp.rmq", "SRV _amqp._tcp.rmq without EDNS"});
}

TEST_CASE("a forged answer is passed over, and the right one behind it taken") {
  check_found(asked_of(behaviour::wrong_id));
  check_found(asked_of(behaviour::wrong_question));
}

TEST_CASE("a server that fails, cuts by TCP too or talks nonsense has not been looked at") {
  const std::vector<std::pair<behaviour, dns::errc>> bad{
      {behaviour::fails, dns::errc::server_failed},
      {behaviour::cuts_always, dns::errc::bad_answer},
      {behaviour::garbage, dns::errc::bad_answer}};
  for (const auto& [how, code] : bad) {
    const base::result<dns::found> got = asked_of(how, nullptr, 300ms);
    REQUIRE(got.has_error());
    CHECK(got.error().code == code);
    CHECK(got.error().detail.find("SRV _amqp._tcp.rmq of 127.0.0.1") == 0);
  }
}

TEST_CASE("a silent server is asked twice, each time under another id, and blocks nothing") {
  testing::run_coroutine([&]() -> async::awaitable<void> {
    auto executor = co_await async::asio::this_coro::executor;
    fake_dns server(executor);
    server.behave(behaviour::silent);
    dns::config c = asking(server.port());
    bool ended = false;
    base::result<dns::found> got;
    const base::time_point began = base::steady::now();
    async::asio::co_spawn(executor, dns::look_up(c, service, in(10s)),
                          [&](const std::exception_ptr&, base::result<dns::found> r) {
                            got = std::move(r);
                            ended = true;
                          });
    int turns = 0;
    while (!ended) {
      ++turns;
      co_await async::sleep_for(10ms);
    }
    CHECK(turns > 3);
    CHECK(base::steady::now() - began < 3s);
    CHECK(server.asked().size() == 2);
    REQUIRE(got.has_error());
    CHECK(got.error().code == dns::errc::timeout);
  });
}

TEST_CASE("a look ends by its deadline") {
  testing::run_coroutine([&]() -> async::awaitable<void> {
    fake_dns server(co_await async::asio::this_coro::executor);
    server.behave(behaviour::silent);
    dns::config c = asking(server.port());
    const base::time_point began = base::steady::now();
    const auto got = co_await dns::look_up(c, service, began + 50ms);
    CHECK(got.has_error());
    CHECK(base::steady::now() - began < 500ms);
  });
}

TEST_CASE("where nobody listens the look fails at once") {
  testing::run_coroutine([&]() -> async::awaitable<void> {
    fake_dns server(co_await async::asio::this_coro::executor);
    server.stop();
    dns::config c = asking(server.port());
    const base::time_point began = base::steady::now();
    const auto got = co_await dns::look_up(c, service, began + 5s);
    REQUIRE(got.has_error());
    CHECK(got.error().code == dns::errc::unreachable);
    CHECK(base::steady::now() - began < 500ms);
  });
}

TEST_CASE("the next server is asked where one fails, and the one that knew comes first then") {
  testing::run_coroutine([&]() -> async::awaitable<void> {
    auto executor = co_await async::asio::this_coro::executor;
    fake_dns bad(executor);
    fake_dns good(executor);
    bad.behave(behaviour::fails);
    fill(good);
    dns::config c{{{"no address"}, {"127.0.0.1", bad.port()}, {"127.0.0.1", good.port()}}, {}, 1};
    check_found(co_await dns::look_up(c, service, in(5s)));
    check_found(co_await dns::look_up(c, service, in(5s)));
    CHECK(bad.asked().size() == 1);
    CHECK(good.asked().size() == 2);
  });
}

TEST_CASE("a name that does not exist was looked for") {
  testing::run_coroutine([&]() -> async::awaitable<void> {
    fake_dns server(co_await async::asio::this_coro::executor);
    fill(server);
    dns::config c = asking(server.port());
    const dns::question other{"other", dns::record_type::a};
    const auto none = co_await dns::look_up(c, other, in(5s));
    REQUIRE(none.has_value());
    CHECK(none->records.empty());
    const dns::question other_type{"_amqp._tcp.rmq", dns::record_type::a};
    const auto no_such_record = co_await dns::look_up(c, other_type, in(5s));
    REQUIRE(no_such_record.has_value());
    CHECK(no_such_record->records.empty());
  });
}

TEST_CASE("a name that cannot be asked for is refused without a question") {
  testing::run_coroutine([&]() -> async::awaitable<void> {
    fake_dns server(co_await async::asio::this_coro::executor);
    dns::config c = asking(server.port());
    const dns::question bad{"a..b", dns::record_type::a};
    const auto got = co_await dns::look_up(c, bad, in(5s));
    REQUIRE(got.has_error());
    CHECK(got.error().code == dns::errc::bad_name);
    CHECK(server.asked().empty());
  });
}

TEST_CASE("the addresses of a name are those of both families, or all or nothing") {
  testing::run_coroutine([&]() -> async::awaitable<void> {
    fake_dns server(co_await async::asio::this_coro::executor,
                    async::asio::ip::address_v6::loopback());
    server.set("A rmq", {testing::dns_cname("rmq", "b"), testing::dns_a("b", "10.0.0.1"),
                         testing::dns_a("b", "10.0.0.2")});
    server.set("AAAA rmq", {testing::dns_aaaa("rmq", "fd00::1")});
    dns::config c{{{"::1", server.port()}}, {}, 1};
    const auto got = co_await dns::look_up_addresses(c, "rmq", in(5s));
    CHECK(got.value() == texts{"10.0.0.1", "10.0.0.2", "fd00::1"});
    CHECK((co_await dns::look_up_addresses(c, "other", in(5s))).value().empty());
    server.behave(behaviour::fails);
    CHECK((co_await dns::look_up_addresses(c, "rmq", in(5s))).has_error());
  });
}
