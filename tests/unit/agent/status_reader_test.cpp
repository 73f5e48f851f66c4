#include "agent/status_reader.hpp"

#include "agent/answers.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace warren;
using namespace std::chrono_literals;
using agent::read_status;
using agent::status_errc;
using domain::knowledge;

namespace {

const base::time_point start{1h};
const agent::identity rmq_1{
    .node = "rabbit@rmq-1", .service = "rmq", .pod = "rmq-1", .pod_uid = "u1", .version = "1"};
const agent::asked_agent asked{.service = "rmq", .node = "rabbit@rmq-1", .pod_uid = "u1"};

std::string status_of(const agent::snapshot& s, const agent::identity& who = rmq_1) {
  return agent::status_json(s, who, start);
}

// A gated agent of a node without data that has decided nothing yet.
agent::snapshot virgin() {
  agent::snapshot s;
  s.gate_mode = true;
  s.formation.node = "rabbit@rmq-1";
  s.formation.pod_uid = "u1";
  s.formation.disk.saw({.has_data = knowledge::no}, start);
  s.formation.door.saw(std::nullopt, start);
  s.formation.record.saw({}, start);
  return s;
}

domain::agent_facts told(const std::string& body) {
  const auto facts = read_status(body, asked);
  REQUIRE(facts.has_value());
  return *facts;
}

base::error_code failure_of(const std::string& body, const agent::asked_agent& whom = asked) {
  const auto facts = read_status(body, whom);
  REQUIRE(facts.has_error());
  return facts.error().code;
}

std::string text_of(const std::string& body, const agent::asked_agent& whom = asked) {
  return read_status(body, whom).error().text();
}

bool mentions(const std::string& text, const std::string& word) {
  return text.find(word) != std::string::npos;
}

const std::string head = R"({"schema":1,"service":"rmq","node":"rabbit@rmq-1","pod_uid":"u1")";

}  // namespace

TEST_CASE("what an agent tells of itself is read as it was", "[status]") {
  agent::snapshot s = virgin();
  domain::agent_facts expected{
      .pod_uid = "u1", .has_data = knowledge::no, .leases = knowledge::yes};
  SECTION("a node without data") {}
  SECTION("a node with data") {
    s.formation.disk.value->has_data = knowledge::yes;
    expected.has_data = knowledge::yes;
  }
  SECTION("a data folder that cannot be read") {
    s.formation.disk.failed(make_error_code(boost::system::errc::permission_denied));
    expected.has_data = knowledge::unknown;
  }
  SECTION("a node without data that is about to found") {
    s.formation.lock_taken_at = start;
    expected.has_data = knowledge::unknown;
  }
  SECTION("a member") {
    const domain::mark mark{.node = "rabbit@rmq-1",
                            .state = domain::mark_state::member,
                            .cluster_id = "rabbitmq-cluster-id-x"};
    s.formation.disk.value->has_data = knowledge::yes;
    s.formation.disk.value->mark = mark;
    s.formation.gate_open = true;
    expected.has_data = knowledge::yes;
    expected.mark = mark;
    expected.gate_open = true;
    expected.cluster_id = "rabbitmq-cluster-id-x";
  }
  SECTION("a joiner") {
    const domain::mark mark{
        .node = "rabbit@rmq-1", .state = domain::mark_state::joining, .target = "rabbit@rmq-0"};
    const domain::door door{
        .kind = domain::door_kind::join_by_calls, .target = "rabbit@rmq-0", .pod_uid = "u1"};
    s.formation.disk.value->mark = mark;
    s.formation.door.saw(door, start);
    s.formation.door_read = false;
    s.formation.broker.saw({.state = domain::presence::runs, .cluster_id = "own"}, start);
    expected.has_data = knowledge::unknown;
    expected.mark = mark;
    expected.door = door;
    expected.door_read = false;
    expected.cluster_id = "own";
  }
  CHECK(told(status_of(s)) == expected);
}

TEST_CASE("every word of marks, doors and knowledge is read back", "[status]") {
  agent::snapshot s = virgin();
  for (const auto state :
       {domain::mark_state::founding, domain::mark_state::joining, domain::mark_state::member}) {
    s.formation.disk.value->mark = domain::mark{.node = "rabbit@rmq-1", .state = state};
    const auto mark = told(status_of(s)).mark;
    REQUIRE(mark);
    CHECK(mark->state == state);
  }
  for (const auto kind :
       {domain::door_kind::closed, domain::door_kind::found, domain::door_kind::classic,
        domain::door_kind::seed, domain::door_kind::join_by_calls}) {
    s.formation.door.saw(domain::door{.kind = kind}, start);
    const auto door = told(status_of(s)).door;
    REQUIRE(door);
    CHECK(door->kind == kind);
  }
}

TEST_CASE("an agent that only observes tells nothing that is decided by", "[status]") {
  agent::snapshot s = virgin();
  s.gate_mode = false;
  s.formation.disk.value->mark = domain::mark{.node = "rabbit@rmq-1"};
  s.formation.door.saw(domain::door{}, start);
  CHECK(told(status_of(s)) == domain::agent_facts{.pod_uid = "u1"});
  CHECK(mentions(status_of(s), R"("decision": "observe")"));
  CHECK(mentions(status_of(s), R"("formation": "observe")"));
}

TEST_CASE("a gated agent says what it decided and what it rests on", "[status]") {
  agent::snapshot s = virgin();
  s.decision = {.act = domain::formation_act::take_lock, .reason = "founds the cluster"};
  s.formation.expected.saw({"rabbit@rmq-0", "rabbit@rmq-1"}, start);
  s.formation.record.value->resource_version = "17";
  s.formation.record.value->record = {.founded = true, .members = {"rabbit@rmq-5"}};
  const std::string body = status_of(s);
  for (const char* part :
       {R"("decision": "take-lock")", R"("reason": "founds the cluster")", R"("formation": "gate")",
        R"("rabbit@rmq-0")", R"("resource_version": "17")", R"("rabbit@rmq-5")",
        R"("gate_open": false)"}) {
    INFO(part);
    CHECK(mentions(body, part));
  }
}

TEST_CASE("another agent than the one that was asked counts as none", "[status]") {
  const std::string body = status_of(virgin());
  const auto differs = [&](agent::asked_agent whom, status_errc code, const std::string& said) {
    CHECK(failure_of(body, whom) == code);
    CHECK(mentions(text_of(body, whom), said));
  };
  differs({"other", asked.node, asked.pod_uid}, status_errc::other_service, "'rmq', not 'other'");
  differs({"rmq", "rabbit@rmq-2", "u1"}, status_errc::other_node, "'rabbit@rmq-1', not");
  differs({"rmq", asked.node, "u2"}, status_errc::other_pod, "'u1', not 'u2'");
  CHECK(read_status(body, {"rmq", asked.node, ""}).has_value());
}

TEST_CASE("an agent that does not know its pod uid is told how to", "[status]") {
  agent::identity who = rmq_1;
  who.pod_uid.clear();
  CHECK(failure_of(status_of(virgin(), who)) == status_errc::other_pod);
  CHECK(mentions(text_of(status_of(virgin(), who)), "POD_UID"));
}

TEST_CASE("another schema counts as none, whatever else it says", "[status]") {
  for (const char* schema : {R"({"schema":2)", R"({"schema":"1")", R"({"schema":1.5)",
                             R"({"schema":null)", R"({"schema":-1)", R"({"no":"schema")"}) {
    INFO(schema);
    const std::string body = schema + head.substr(11) + R"(,"has_data":"no"})";
    CHECK(failure_of(body) == status_errc::other_schema);
  }
  CHECK(mentions(text_of(R"({"schema":2})"), "schema '2', not '1'"));
}

TEST_CASE("a mark or a door that is not known is not taken for none", "[status]") {
  for (const char* more : {R"("mark":{"state":"leaving","target":"x"})", R"("mark":{"target":"x"})",
                           R"("door":{"kind":"ajar"})"}) {
    INFO(more);
    CHECK(mentions(text_of(head + "," + more + "}"), "not 'a known one'"));
  }
}

TEST_CASE("an older agent says less, and a newer one nothing else", "[status]") {
  const domain::agent_facts nothing{.pod_uid = "u1"};
  CHECK(told(head + "}") == nothing);
  for (const char* more :
       {R"("has_data":null)", R"("has_data":true)", R"("has_data":"No")", R"("gate_open":"true")",
        R"("mark":null,"door":null)", R"("mark":"member")", R"("door":[])", R"("cluster_id":null)",
        R"("future":{"has_data":"no"})"}) {
    INFO(more);
    CHECK(told(head + "," + more + "}") == nothing);
  }
}

TEST_CASE("what is no status is none", "[status]") {
  const std::string huge(agent::max_status, ' ');
  const std::string deep(100, '[');
  const std::string long_name =
      head + R"(,"mark":{"state":"joining","target":")" + std::string(1000, 'x') + "\"}}";
  for (const std::string& body :
       {std::string(), std::string("ok\n"), std::string("[]"), std::string("7"), head, head + "} x",
        huge + head + "}", deep, long_name, "[" + head + "}," + head + "}]"}) {
    CHECK(failure_of(body) == status_errc::no_status);
  }
}

TEST_CASE("a name from elsewhere is not repeated at full length", "[status]") {
  const std::string body = R"({"schema":1,"service":")" + std::string(500, 's') + R"("})";
  CHECK(text_of(body).size() < 300);
}
