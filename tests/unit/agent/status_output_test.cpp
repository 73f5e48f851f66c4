#include "agent/commands/status_output.hpp"

#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace warren;
using agent::node_answer;
using agent::show_status;
using agent::status_output;
using nlohmann::json;

namespace {

using names = std::vector<std::string>;

// The answer of a member of a cluster that runs well.
json status_of(const std::string& node, const names& members, const names& running) {
  return {{"schema", 1},
          {"node", node},
          {"formation", "gate"},
          {"decision", "wait"},
          {"reason", "is a member"},
          {"has_data", "yes"},
          {"gate_open", true},
          {"mark", {{"state", "member"}}},
          {"cluster_id", "one"},
          {"record", {{"value", nullptr}}},
          {"broker",
           {{"state", "running"}, {"version", "4.3.6"}, {"alarms", {{"value", json::array()}}}}},
          {"members", {{"value", members}}},
          {"running", {{"value", running}}},
          {"partitioned", {{"value", json::array()}}}};
}

node_answer answer(const std::string& node, const json& status) {
  return {.who = {.node = node, .pod = "pod-" + node, .ready = "yes", .addresses = {}},
          .body = status.dump(),
          .error = ""};
}

std::string table(const std::vector<node_answer>& nodes) {
  return show_status(nodes, status_output::table);
}

bool has(const std::string& text, const std::string& part) {
  CAPTURE(text);
  const bool found = text.find(part) != std::string::npos;
  CHECK(found);
  return found;
}

const names both{"a", "b"};

}  // namespace

TEST_CASE("a whole cluster is a table and nothing below it") {
  json b = status_of("b", both, both);
  b["broker"]["alarms"]["value"] = {"memory", "disk"};
  CHECK(table({answer("a", status_of("a", both, both)), answer("b", b)}) ==
        "NODE  POD    BROKER   VERSION  RUNNING  GATE  DATA  ALARMS       READY\n"
        "a     pod-a  running  4.3.6    2/2      open  yes   none         yes\n"
        "b     pod-b  running  4.3.6    2/2      open  yes   memory,disk  yes\n");
}

TEST_CASE("a node whose agent does not answer is a row, with the reason below the table") {
  node_answer silent = answer("b", {});
  silent.error = "10.0.0.2:15690: connection refused";
  const std::string text = table({answer("a", status_of("a", both, {"a"})), silent});
  has(text, "b     pod-b  no answer");
  has(text, "PROBLEMS\n  b: 10.0.0.2:15690: connection refused\n");
}

TEST_CASE("an answer of another version, of another node or of no agent does not count") {
  const json good = status_of("a", both, both);
  json later = status_of("b", both, both);
  later["schema"] = 2;
  has(table({answer("a", good), answer("b", later)}), "b: its agent has another version");
  has(table({answer("a", good), answer("b", good)}), "b: the agent of a answers there");
  node_answer none = answer("b", good);
  none.body = "<html>";
  has(table({answer("a", good), none}), "b: what answers there is no agent");
}

TEST_CASE("a split, a broker outside and a member without a pod are told below the table") {
  const std::string split =
      table({answer("a", status_of("a", both, {"a"})), answer("b", status_of("b", both, {"b"}))});
  has(split, "ClusterSplitDetected: the brokers run as 2 groups");

  json other = status_of("b", {"b"}, {"b"});
  other["cluster_id"] = "two";
  json recorded = status_of("a", {"a"}, {"a"});
  recorded["record"]["value"] = {{"record", {{"founded", true}, {"cluster_id", "two"}}}};
  const std::string outside = table({answer("a", recorded), answer("b", other)});
  has(outside, "BrokerOutsideCluster: a runs outside the cluster of b");

  const std::string gone = table({answer("a", status_of("a", {"a", "z"}, {"a"}))});
  has(gone, "z     no pod");
  has(gone, "MemberWithoutPod: z is a member");
}

TEST_CASE("a broker that has not joined yet is no second cluster") {
  json joining = status_of("b", {"b"}, {"b"});
  joining["mark"]["state"] = "joining";
  joining["cluster_id"] = "two";
  const std::string text = table({answer("a", status_of("a", {"a"}, {"a"})), answer("b", joining)});
  CHECK(text.find("ClusterSplitDetected") == std::string::npos);
  has(text, "BrokerOutsideCluster: b");
}

TEST_CASE("a closed gate says what it waits for") {
  json closed = status_of("b", {}, {});
  closed["gate_open"] = false;
  closed["reason"] = "waiting for a";
  closed["broker"]["state"] = "away";
  closed["members"]["value"] = nullptr;
  const std::string text = table({answer("b", closed)});
  has(text, "away    4.3.6    -        closed: wait");
  has(text, "b: the start gate is closed: waiting for a");
}

TEST_CASE("without a gate the table says so") {
  json observed = status_of("a", both, both);
  observed["formation"] = "observe";
  observed["decision"] = "observe";
  observed["gate_open"] = nullptr;
  has(table({answer("a", observed)}), "observe");
}

TEST_CASE("JSON has every answer, the groups and the problems") {
  node_answer silent = answer("b", {});
  silent.error = "refused";
  const json whole = json::parse(show_status(
      {answer("a", status_of("a", {"a", "b", "z"}, {"a"})), silent}, status_output::json));
  REQUIRE(whole["nodes"].size() == 3);
  CHECK(whole["nodes"][0]["status"]["cluster_id"] == "one");
  CHECK(whole["nodes"][0]["ready"] == true);
  CHECK(whole["nodes"][0]["error"].is_null());
  CHECK(whole["nodes"][1]["error"] == "refused");
  CHECK(whole["nodes"][1]["status"].is_null());
  CHECK(whole["nodes"][2]["node"] == "z");
  CHECK(whole["groups"] == json::parse(R"([["a"]])"));
  CHECK(whole["problems"].size() == 2);
}

TEST_CASE("the nodes to ask are those of the list of peers, and not too many") {
  const auto nodes = agent::read_nodes(
      R"({"peers":[{"node":"b","pod":"p","ready":false,"addresses":["10.0.0.1",7]},{"pod":"x"},1]})");
  REQUIRE(nodes.has_value());
  REQUIRE(nodes->size() == 1);
  CHECK(nodes->front().node == "b");
  CHECK(nodes->front().ready == "no");
  CHECK(nodes->front().addresses == names{"10.0.0.1"});
  for (const char* other : {"", "[]", "{}", R"({"peers":1})"}) {
    CHECK_FALSE(agent::read_nodes(other).has_value());
  }
  json many{{"peers", json::array()}};
  for (int i = 0; i < 100; ++i) many["peers"].push_back({{"node", "n" + std::to_string(i)}});
  CHECK(agent::read_nodes(many.dump())->size() == 64);
}
