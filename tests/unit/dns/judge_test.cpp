#include "dns/judge.hpp"

#include "tests/support/catch.hpp"

using namespace warren;
using namespace warren::dns;

namespace {

constexpr std::uint16_t id = 7;
const question asked{"rmq.shop", record_type::a};

message answer(std::vector<record> records, int code = 0) {
  message m;
  m.id = id;
  m.is_answer = true;
  m.authoritative = true;
  m.code = code;
  m.questions = {asked};
  m.answers = std::move(records);
  return m;
}

verdict of(const message& m, bool edns = true) {
  return judge(m, id, asked, edns).what;
}

}  // namespace

TEST_CASE("records of the name and type that were asked for are the answer") {
  const record right{"RMQ.shop", record_type::a, "10.0.0.1"};
  const judgement j = judge(answer({{"other.shop", record_type::a, "10.0.0.9"},
                                    right,
                                    {"rmq.shop", record_type::aaaa, "fd00::1"}}),
                            id, asked, true);
  CHECK(j.what == verdict::looked);
  CHECK(j.records == std::vector{right});
}

TEST_CASE("no such name and no such record are looks that found nothing") {
  for (const int code : {0, 3}) {
    const judgement j = judge(answer({}, code), id, asked, true);
    CHECK(j.what == verdict::looked);
    CHECK(j.records.empty());
  }
}

TEST_CASE("aliases are followed, and a circle of them ends") {
  const record right{"c", record_type::a, "10.0.0.1"};
  const record first{"rmq.shop", record_type::cname, "b"};
  const record second{"b", record_type::cname, "c"};
  CHECK(judge(answer({second, right, first}), id, asked, true).records == std::vector{right});
  const record back{"b", record_type::cname, "rmq.shop"};
  CHECK(judge(answer({first, back}), id, asked, true).records.empty());
}

TEST_CASE("what does not belong to the question is no answer to it") {
  message m = answer({});
  m.id = id + 1;
  CHECK(of(m) == verdict::foreign);
  m = answer({});
  m.is_answer = false;
  CHECK(of(m) == verdict::foreign);
  m = answer({});
  m.questions[0].name = "rmq.shops";
  CHECK(of(m) == verdict::foreign);
  m = answer({});
  m.questions[0].type = record_type::aaaa;
  CHECK(of(m) == verdict::foreign);
  m = answer({}, 2);
  m.questions.clear();
  CHECK(of(m) == verdict::foreign);
}

TEST_CASE("a server that could not find out has found nothing out") {
  for (const int code : {1, 2, 4, 5, 9}) {
    CAPTURE(code);
    CHECK(of(answer({{"rmq.shop", record_type::a, "10.0.0.1"}}, code), false) == verdict::failed);
  }
  CHECK(judge(answer({}, 2), id, asked, true).why == "SERVFAIL");
  CHECK(judge(answer({}, 9), id, asked, true).why == "code 9");
}

TEST_CASE("a server that only points to others has found nothing out") {
  message m = answer({});
  m.authoritative = false;
  CHECK(of(m) == verdict::failed);
  m.recursion_available = true;
  CHECK(of(m) == verdict::looked);
  m.recursion_available = false;
  m.code = 3;
  CHECK(of(m) == verdict::looked);
}

TEST_CASE("a truncated answer is asked for again, whatever it holds") {
  message m = answer({{"rmq.shop", record_type::a, "10.0.0.1"}});
  m.truncated = true;
  CHECK(of(m) == verdict::cut_short);
}

TEST_CASE("a server that does not know EDNS is asked without it, once") {
  for (const int code : {1, 4}) {
    message m = answer({}, code);
    CHECK(of(m, true) == verdict::edns_unknown);
    CHECK(of(m, false) == verdict::failed);
    m.questions.clear();
    CHECK(of(m, true) == verdict::edns_unknown);
    m.id = id + 1;
    CHECK(of(m, true) == verdict::foreign);
  }
}
