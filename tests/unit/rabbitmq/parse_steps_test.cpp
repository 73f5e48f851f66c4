// The terms here are those that real brokers gave: 3.10.8, 4.0.5 and 4.3.6.
#include "rabbitmq/parse_steps.hpp"

#include "rabbitmq/errc.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

using namespace warren;
using namespace warren::rabbitmq;
using etf::atom;
using etf::binary;
using etf::charlist;
using etf::list_of;
using etf::tuple_of;

namespace {

template <class T>
bool is_unexpected(const base::result<T>& r) {
  return r.has_error() && r.error().code == errc::unexpected_answer;
}

etf::term queue(const char* name) {
  return tuple_of(atom("resource"), binary("/"), atom("queue"), binary(name));
}

etf::term error(etf::term reason) {
  return tuple_of(atom("error"), std::move(reason));
}

// The outcome of a single queue.
queue_outcome outcome(const etf::term& result) {
  const auto outcomes = parse_queue_outcomes(list_of(tuple_of(queue("q"), result)));
  REQUIRE(outcomes.has_value());
  REQUIRE(outcomes->size() == 1);
  return outcomes->front();
}

etf::term no_more_servers(etf::term reason) {
  return error(tuple_of(atom("no_more_servers_to_try"), list_of(error(std::move(reason)))));
}

}  // namespace

TEST_CASE("quorum queues that are shrunk are named", "[rabbitmq]") {
  const auto outcomes =
      parse_queue_outcomes(list_of(tuple_of(queue("qq0"), tuple_of(atom("ok"), 2)),
                                   tuple_of(queue("qq1"), tuple_of(atom("ok"), 2))))
          .value();
  const std::vector<queue_outcome> expected{{.name = "'qq0' in '/'", .id = queue("qq0")},
                                            {.name = "'qq1' in '/'", .id = queue("qq1")}};
  CHECK(outcomes == expected);
  CHECK(parse_queue_outcomes(etf::list{}).value().empty());
}

TEST_CASE("a queue's only replica is told from one that others can do without", "[rabbitmq]") {
  using kind = queue_outcome::kind;
  CHECK(outcome(tuple_of(atom("error"), 1, atom("last_node"))).what == kind::last_one);
  CHECK(outcome(error(error(atom("last_stream_member")))).what == kind::last_one);  // 4.0
  const auto of_4_3 = tuple_of(atom("error"), 1, error(atom("last_stream_member")));
  CHECK(outcome(of_4_3).what == kind::last_one);
}

TEST_CASE("a queue without a majority is told from one that failed otherwise", "[rabbitmq]") {
  using kind = queue_outcome::kind;
  const auto timed_out = outcome(tuple_of(atom("error"), 3, atom("timeout")));
  CHECK(timed_out.what == kind::no_quorum);
  CHECK(timed_out.reason == "timeout");
  CHECK(outcome(tuple_of(atom("error"), 3, atom("cluster_change_not_permitted"))).what ==
        kind::no_quorum);
  CHECK(outcome(tuple_of(atom("error"), 3,
                         tuple_of(atom("no_more_servers_to_try"),
                                  list_of(error(atom("noproc")), error(atom("nodedown"))))))
            .what == kind::no_quorum);
  const auto failed = outcome(tuple_of(atom("error"), 3, atom("eacces")));
  CHECK(failed.what == kind::failed);
  CHECK(failed.reason == "eacces");
}

TEST_CASE("a replica that Raft alone has taken off is told from one that is off", "[rabbitmq]") {
  const auto direct = outcome(tuple_of(atom("error"), 3, atom("not_member")));
  CHECK(direct.what == queue_outcome::kind::unnoted);
  CHECK(direct.id == queue("q"));
  const auto of_3_10 = outcome(
      tuple_of(atom("error"), 3,
               tuple_of(atom("no_more_servers_to_try"), list_of(error(atom("not_member"))))));
  CHECK(of_3_10.what == queue_outcome::kind::unnoted);
}

TEST_CASE("streams answer with a number of replicas or without", "[rabbitmq]") {
  CHECK(outcome(atom("ok")).what == queue_outcome::kind::done);               // 4.0
  CHECK(outcome(tuple_of(atom("ok"), 2)).what == queue_outcome::kind::done);  // 4.3
}

TEST_CASE("outcomes of another form are unexpected", "[rabbitmq]") {
  CHECK(is_unexpected(parse_queue_outcomes(atom("ok"))));
  CHECK(is_unexpected(parse_queue_outcomes(list_of(atom("ok")))));
  CHECK(is_unexpected(parse_queue_outcomes(list_of(tuple_of(binary("q"), atom("ok"))))));
  CHECK(is_unexpected(parse_queue_outcomes(list_of(tuple_of(queue("q"), atom("maybe"))))));
}

TEST_CASE("a list of queues ends with the table", "[rabbitmq]") {
  const std::vector<std::string> names{"'a' in '/'", "'b' in '/'"};
  const auto more = tuple_of(list_of(queue("a"), queue("b")), etf::list{});
  CHECK(parse_selected_queues(more).value() == names);
  CHECK(parse_selected_queues(atom("$end_of_table")).value().empty());
  CHECK(is_unexpected(parse_selected_queues(list_of(queue("a")))));
  CHECK(is_unexpected(parse_selected_queues(tuple_of(list_of(7), etf::list{}))));
}

TEST_CASE("a change of a Raft group is committed once the next one would be allowed",
          "[rabbitmq]") {
  const auto of = [](const etf::term& answer) { return parse_raft_change(answer).value(); };
  CHECK(of(error(atom("not_member"))) == raft_change::committed);            // 4.0
  CHECK(of(no_more_servers(atom("not_member"))) == raft_change::committed);  // 3.10
  CHECK(of(error(atom("cluster_change_not_permitted"))) == raft_change::pending);
  CHECK(of(no_more_servers(atom("cluster_change_not_permitted"))) == raft_change::pending);
  const auto leader = tuple_of(atom("%2F_q"), atom("rabbit@a"));
  CHECK(of(tuple_of(atom("ok"), tuple_of(7, 1), leader)) == raft_change::pending);
}

TEST_CASE("a Raft group that does not answer says nothing of its members", "[rabbitmq]") {
  const auto of = [](const etf::term& answer) { return parse_raft_change(answer).value(); };
  const auto server = tuple_of(atom("%2F_q"), atom("rabbit@a"));
  CHECK(of(tuple_of(atom("timeout"), server)) == raft_change::no_leader);
  CHECK(of(no_more_servers(atom("nodedown"))) == raft_change::no_leader);
  CHECK(of(no_more_servers(atom("noproc"))) == raft_change::no_group);
  CHECK(of(error(tuple_of(atom("no_more_servers_to_try"),
                          list_of(error(atom("noproc")), error(atom("not_member")))))) ==
        raft_change::committed);
  CHECK(is_unexpected(parse_raft_change(atom("ok"))));
  CHECK(is_unexpected(parse_raft_change(error(atom("eacces")))));
}

TEST_CASE("replicas of quorum queues come as a list or by node", "[rabbitmq]") {
  const auto a = atom("rabbit@a");
  const auto b = atom("rabbit@b");
  etf::map by_node;
  by_node.entries.emplace_back(a, binary("uid1"));
  by_node.entries.emplace_back(b, binary("uid2"));
  const std::vector<std::string> nodes{"rabbit@a", "rabbit@b"};
  const std::vector<quorum_queue> expected{{"'p' in '/'", "%2F_p", nodes},
                                           {"'q' in '/'", "%2F_q", nodes}};
  const auto rows = list_of(tuple_of(queue("p"), atom("%2F_p"), list_of(a, b)),
                            tuple_of(queue("q"), atom("%2F_q"), by_node));
  CHECK(parse_quorum_queues(tuple_of(rows, atom("$end_of_table"))).value() == expected);
  CHECK(parse_quorum_queues(atom("$end_of_table")).value().empty());
  CHECK(is_unexpected(parse_quorum_queues(rows)));
  CHECK(is_unexpected(parse_quorum_queues(
      tuple_of(list_of(tuple_of(queue("p"), atom("%2F_p"), list_of(1))), etf::list{}))));
}

TEST_CASE("streams of 3.10 are taken off one by one", "[rabbitmq]") {
  const auto rows = list_of(tuple_of(queue("s"), charlist("__s_1795500517908930198")));
  const std::vector<stream> expected{{"'s' in '/'", "__s_1795500517908930198"}};
  CHECK(parse_streams(tuple_of(rows, etf::list{})).value() == expected);
  CHECK(parse_streams(atom("$end_of_table")).value().empty());
  CHECK(is_unexpected(parse_streams(tuple_of(list_of(queue("s")), etf::list{}))));

  using kind = queue_outcome::kind;
  const auto coordinator = tuple_of(atom("rabbit_stream_coordinator"), atom("rabbit@a"));
  const auto reply = [&](etf::term r) {
    return parse_stream_reply("s", tuple_of(atom("ok"), std::move(r), coordinator)).value().what;
  };
  CHECK(reply(atom("ok")) == kind::done);
  CHECK(reply(error(atom("last_stream_member"))) == kind::last_one);
  CHECK(parse_stream_reply("s", error(atom("coordinator_unavailable"))).value().what ==
        kind::no_quorum);
  CHECK(is_unexpected(parse_stream_reply("s", atom("ok"))));
}

TEST_CASE("a member that is forgotten, was none or still runs", "[rabbitmq]") {
  const auto what = [](const etf::term& answer) { return parse_step(answer).value().what; };
  CHECK(what(atom("ok")) == step_kind::done);
  CHECK(what(tuple_of(atom("ok"), atom("already_member"))) == step_kind::done);
  const auto stranger = parse_step(error(tuple_of(atom("not_a_cluster_node"),
                                                  charlist("The node selected is not in the "
                                                           "cluster."))))
                            .value();
  CHECK(stranger.what == step_kind::not_member);
  CHECK(stranger.reason == "The node selected is not in the cluster.");
  const auto failed_to_remove = [](etf::term why) {
    return error(tuple_of(atom("failed_to_remove_node"), atom("rabbit@c"), std::move(why)));
  };
  CHECK(what(failed_to_remove(atom("rabbit_still_running"))) == step_kind::running);
  CHECK(what(failed_to_remove(tuple_of(atom("active"), charlist("Mnesia is running"),
                                       atom("rabbit@c")))) == step_kind::running);
  CHECK(what(failed_to_remove(atom("unavailable"))) == step_kind::failed);
}

TEST_CASE("a step that finds no majority says so", "[rabbitmq]") {
  const auto what = [](const etf::term& answer) { return parse_step(answer).value().what; };
  CHECK(what(error(atom("timeout"))) == step_kind::no_quorum);
  CHECK(what(tuple_of(atom("timeout"), tuple_of(atom("rabbitmq_metadata"), atom("rabbit@a")))) ==
        step_kind::no_quorum);
  CHECK(is_unexpected(parse_step(atom("maybe"))));
  CHECK(is_unexpected(parse_step(tuple_of(atom("error")))));
}

TEST_CASE("what the broker tells people is quoted, and not without end", "[rabbitmq]") {
  const auto inconsistent = parse_step(error(tuple_of(
      atom("inconsistent_cluster"), charlist("Mnesia: node a thinks it's clustered with b"))));
  CHECK(inconsistent.value().what == step_kind::refused);
  CHECK(inconsistent.value().reason == "Mnesia: node a thinks it's clustered with b");
  CHECK(parse_step(error(charlist(std::string(1000, 'x')))).value().reason.size() <= 300);
  CHECK(parse_step(error(tuple_of(atom("a"), 1, 2))).value().reason == "{a,1,2}");
  CHECK(parse_step(error(charlist("two\nlines"))).value().reason == "two lines");
  // 299 letters and a character of two bytes, the second of which is one too many.
  const auto cut = parse_step(error(binary(std::string(299, 'x') + "\xC3\xA9"))).value();
  CHECK(cut.reason == std::string(299, 'x'));
}
