#include "dns/message.hpp"

#include "dns/errc.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/dns_messages.hpp"

using namespace warren;
using namespace warren::dns;

namespace {

const question service{"rmq.shop.svc.cluster.local", record_type::srv};

std::string query_for(const question& q) {
  return encode_query(0x1234, q, true).value();
}

message decoded(const testing::dns_reply& reply) {
  const auto m = decode_message(testing::dns_answer(query_for(service), reply));
  REQUIRE(m);
  return *m;
}

}  // namespace

TEST_CASE("a query is as RFC 1035 has it") {
  using namespace std::string_literals;
  const std::string head = "\x12\x34\x01\x00\0\1\0\0\0\0"s;
  const std::string asked = "\3rmq\4shop\0\0\x21\0\1"s;
  const question q{"rmq.shop", record_type::srv};
  CHECK(encode_query(0x1234, q, false).value() == head + "\0\0"s + asked);
  CHECK(encode_query(0x1234, q, true).value() ==
        head + "\0\1"s + asked + "\0\0\x29\x04\xd0\0\0\0\0\0\0"s);
}

TEST_CASE("a dot at the end of a name changes nothing") {
  const question with{"rmq.shop.", record_type::a};
  const question without{"rmq.shop", record_type::a};
  CHECK(encode_query(1, with, true).value() == encode_query(1, without, true).value());
}

TEST_CASE("a name that does not fit into a message is refused") {
  const std::string label(63, 'a');
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'a');
  CHECK(encode_query(1, {longest, record_type::a}, true).has_value());
  for (const std::string& name : {std::string(), std::string("."), std::string(".a"),
                                  std::string("a..b"), std::string(64, 'a'), longest + "a"}) {
    CAPTURE(name);
    const auto query = encode_query(1, {name, record_type::a}, true);
    REQUIRE(query.has_error());
    CHECK(query.error().code == errc::bad_name);
  }
}

TEST_CASE("records of the known types are read, with those that were sent along") {
  const message m = decoded({.answers = {testing::dns_srv(service.name, "rmq-0.rmq", 5672),
                                         testing::dns_cname("b", "c.d")},
                             .additional = {testing::dns_a("rmq-0.rmq", "10.0.0.1"),
                                            testing::dns_aaaa("rmq-0.rmq", "fd00::1")}});
  CHECK(m.id == 0x1234);
  CHECK(m.is_answer);
  CHECK(m.authoritative);
  CHECK(m.recursion_available);
  CHECK_FALSE(m.truncated);
  CHECK(m.code == 0);
  REQUIRE(m.questions.size() == 1);
  CHECK(m.questions[0].name == service.name);
  CHECK(m.questions[0].type == record_type::srv);
  CHECK(m.answers == std::vector<record>{{service.name, record_type::srv, "rmq-0.rmq", 5672},
                                         {"b", record_type::cname, "c.d"}});
  CHECK(m.additional == std::vector<record>{{"rmq-0.rmq", record_type::a, "10.0.0.1"},
                                            {"rmq-0.rmq", record_type::aaaa, "fd00::1"}});
}

TEST_CASE("flags and the code are read") {
  const message m =
      decoded({.code = 3, .authoritative = false, .truncated = true, .recursion_available = false});
  CHECK(m.code == 3);
  CHECK_FALSE(m.authoritative);
  CHECK(m.truncated);
  CHECK_FALSE(m.recursion_available);
  CHECK_FALSE(decode_message(query_for(service))->is_answer);
}

TEST_CASE("a question for another type is one for no known type") {
  std::string query = query_for(service);
  query[query.size() - 11 - 3] = 16;
  CHECK(decode_message(query)->questions[0].type == record_type::other);
}

TEST_CASE("records of other types and classes, and misshapen ones, are passed over") {
  std::string other_class = testing::dns_a("a", "10.0.0.1");
  other_class[6] = 3;
  const message m =
      decoded({.answers = {testing::dns_record("a", 16, "text"), other_class,
                           testing::dns_record("a", 1, "123"), testing::dns_record("a", 28, "1234"),
                           testing::dns_record("a", 33, "12"), testing::dns_a("b", "10.0.0.2")}});
  CHECK(m.answers == std::vector<record>{{"b", record_type::a, "10.0.0.2"}});
}

TEST_CASE("a name may end in a pointer to an earlier one, and only there") {
  using namespace std::string_literals;
  const auto with_target = [](const std::string& target) {
    return decode_message(testing::dns_answer(query_for(service),
                                              {.answers = {testing::dns_record("a", 5, target)}}));
  };
  CHECK(with_target("\1x\xc0\x0c"s)->answers.front().value == "x." + service.name);
  CHECK(with_target("\xc0\x0c"s)->answers.front().value == service.name);
  const std::size_t here = query_for(service).size() - 11 + 3 + 10;
  const std::string self{static_cast<char>(0xc0), static_cast<char>(here)};
  CHECK(with_target(self)->answers.empty());
  CHECK(with_target("\1x"s + self)->answers.empty());
  CHECK(with_target("\xff\xff"s)->answers.empty());
  CHECK(with_target("\x80x"s)->answers.empty());
}

TEST_CASE("bytes that a host name does not have are escaped") {
  using namespace std::string_literals;
  const message m = decoded({.answers = {testing::dns_record("a", 5, "\6a.b\n\xff_\0"s)}});
  CHECK(m.answers.front().value == "a\\046b\\010\\255_");
}

TEST_CASE("a message that ends too early is none, but a truncated one may lack its records") {
  const testing::dns_reply reply{.answers = {testing::dns_srv(service.name, "rmq-0.rmq")}};
  const std::string whole = testing::dns_answer(query_for(service), reply);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(decode_message(whole.substr(0, size)));
  }
  testing::dns_reply cut = reply;
  cut.truncated = true;
  const std::string bytes = testing::dns_answer(query_for(service), cut);
  const auto m = decode_message(bytes.substr(0, bytes.size() - 3));
  REQUIRE(m);
  CHECK(m->truncated);
  CHECK(m->answers.empty());
}

TEST_CASE("names are compared without their case") {
  CHECK(same_name("RMQ.shop.", "rmq.Shop"));
  CHECK_FALSE(same_name("rmq.shop", "rmq.shops"));
}
