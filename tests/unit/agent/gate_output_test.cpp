#include "agent/commands/gate_output.hpp"

#include "tests/support/catch.hpp"

using namespace warren;
using agent::show_gate;

TEST_CASE("a closed gate is shown with what it waits for") {
  CHECK(show_gate(R"({"node":"rabbit@a","formation":"gate","gate_open":false,"waits_seconds":7.9,
                      "decision":"wait","reason":"waiting for rabbit@b","problem":"FormationWaiting",
                      "has_data":"no","mark":null,"door":null,
                      "record":{"value":null,"error":"no answer"},
                      "lock_held":false,"ordered":null})") ==
        "node       rabbit@a\n"
        "gate       closed for 7s\n"
        "decision   wait\n"
        "reason     waiting for rabbit@b\n"
        "problem    FormationWaiting\n"
        "has data   no\n"
        "mark       none\n"
        "door       none\n"
        "record     none (no answer)\n"
        "lock held  no\n"
        "ordered    -\n");
}

TEST_CASE("an open gate is shown with what it was opened for") {
  CHECK(show_gate(R"({"node":"rabbit@a","formation":"gate","gate_open":true,"waits_seconds":null,
                      "decision":"wait","reason":"its broker boots","problem":"","has_data":"no",
                      "mark":{"state":"joining","target":"rabbit@b"},
                      "door":{"kind":"seed","target":"rabbit@b"},
                      "record":{"value":{"record":{"founded":false,"founder":"rabbit@b",
                                "forgetting":"rabbit@a","overruled":"rabbit@b founds"}},
                                "error":null},
                      "lock_held":true,"ordered":"join rabbit@b"})") ==
        "node       rabbit@a\n"
        "gate       open\n"
        "decision   wait\n"
        "reason     its broker boots\n"
        "problem    -\n"
        "has data   no\n"
        "mark       joining rabbit@b\n"
        "door       seed rabbit@b\n"
        "record     rabbit@b founds the cluster; forgets rabbit@a; overruled: rabbit@b founds\n"
        "lock held  yes\n"
        "ordered    join rabbit@b\n");
}

TEST_CASE("the record of a cluster is shown by its members") {
  const auto text = show_gate(
      R"({"formation":"gate","record":{"value":{"record":{"founded":true,"members":["a","b"]}}}})");
  REQUIRE(text.has_value());
  CHECK(text->find("record     cluster of a,b\n") != std::string::npos);
}

TEST_CASE("without a gate that is all there is to say") {
  CHECK(show_gate(R"({"formation":"observe"})") ==
        "no gate: --formation=observe leaves it to the broker whom it joins\n");
}

TEST_CASE("what is no answer of a gate is refused, and control characters are replaced") {
  for (const char* other :
       {"", "[]", "{}", "<html>", R"({"formation":1})", R"({"formation":"x"})"}) {
    CAPTURE(other);
    CHECK_FALSE(show_gate(other).has_value());
  }
  const auto text = show_gate("{\"formation\":\"gate\",\"reason\":\"a\\u001b[2Jb\"}");
  REQUIRE(text.has_value());
  CHECK(text->find("a?[2Jb") != std::string::npos);
}
