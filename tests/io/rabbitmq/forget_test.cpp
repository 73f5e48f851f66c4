#include "rabbitmq/forget.hpp"

#include "erldist/errc.hpp"
#include "rabbitmq/errc.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_broker.hpp"
#include "tests/support/linked_node.hpp"
#include "tests/support/lost_member.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace warren;
using async::awaitable;
using etf::atom;
using etf::list_of;
using etf::term;
using etf::tuple_of;
using rabbitmq::errc;
using testing::be_3_10;
using testing::be_4_3;
using cluster = testing::cluster_with_a_lost_member;
using testing::fake_erlang_node;
using testing::linked_node;
using testing::with_link;

namespace {

const char* const lost = testing::lost_member;

const auto go_on = [] { return true; };

base::time_point soon() {
  return base::steady::now() + 5s;
}

term error(term reason) {
  return tuple_of(atom("error"), std::move(reason));
}

term queue(const std::string& name) {
  return tuple_of(atom("resource"), etf::binary("/"), atom("queue"), etf::binary(name));
}

term take_off_streams(cluster& c) {
  c.stream.clear();
  return etf::list{};
}

auto place(const fake_erlang_node& node, const std::string& call) {
  const auto found = std::find(node.calls().begin(), node.calls().end(), call);
  return found == node.calls().end() ? -1 : found - node.calls().begin();
}

bool was_called(const fake_erlang_node& node, const std::string& call) {
  return place(node, call) >= 0;
}

const std::vector<std::string> named_qq{"'qq' in '/'"};
const std::vector<std::string> named_st{"'st' in '/'"};
const std::vector<std::string> named_cq{"'cq' in '/'"};

}  // namespace

TEST_CASE("a lost member is forgotten once no queue counts on it", "[rabbitmq]") {
  cluster c;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_4_3(l.node, c);
    const auto report = co_await rabbitmq::forget(*l.link, lost, soon(), go_on);
    CHECK(report.complete);
    CHECK_FALSE(report.problem);
    CHECK(report.was_member);
    CHECK_FALSE(report.is_member);
    CHECK(report.shrunk.names == named_qq);
    CHECK(report.streams.names == named_st);
    CHECK(report.lost.names == named_cq);
    CHECK(report.failed.count == 0);
    const auto member = place(l.node, "rabbit_db_cluster:forget_member/2");
    CHECK(place(l.node, "rabbit_quorum_queue:shrink_all/1") < member);
    CHECK(place(l.node, "rabbit_stream_queue:delete_all_replicas/1") < member);
  });
}

TEST_CASE("what has been forgotten is forgotten again without a change", "[rabbitmq]") {
  cluster c;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_4_3(l.node, c);
    const auto first = co_await rabbitmq::forget(*l.link, lost, soon(), go_on);
    const auto again = co_await rabbitmq::forget(*l.link, lost, soon(), go_on);
    CHECK(first.complete);
    CHECK(again.complete);
    CHECK_FALSE(again.was_member);
    CHECK_FALSE(again.is_member);
    CHECK(again.shrunk.count == 0);
  });
}

TEST_CASE("replicas that a forgotten member has left are taken off", "[rabbitmq]") {
  cluster c;
  c.members = c.running;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_4_3(l.node, c);
    const auto report = co_await rabbitmq::forget(*l.link, lost, soon(), go_on);
    CHECK(report.complete);
    CHECK_FALSE(report.was_member);
    CHECK(report.shrunk.names == named_qq);
  });
}

TEST_CASE("a node whose broker is stopped is forgotten", "[rabbitmq]") {
  cluster c;
  c.answers_ping = true;
  c.lost_boot = "stopped";
  with_link([&](linked_node& l) -> awaitable<void> {
    be_4_3(l.node, c);
    CHECK((co_await rabbitmq::forget(*l.link, lost, soon(), go_on)).complete);
  });
}

TEST_CASE("a node whose broker runs, boots or does not tell is not forgotten", "[rabbitmq]") {
  cluster c;
  c.answers_ping = true;
  c.lost_boot = GENERATE("ready", "booting", "dreaming");
  with_link([&](linked_node& l) -> awaitable<void> {
    be_4_3(l.node, c);
    const auto report = co_await rabbitmq::forget(*l.link, lost, soon(), go_on);
    CHECK_FALSE(report.complete);
    REQUIRE(report.problem);
    CHECK(report.problem->code == errc::still_running);
    CHECK_FALSE(was_called(l.node, "rabbit_quorum_queue:shrink_all/1"));
  });
}

TEST_CASE("a node that comes back meanwhile stays a member", "[rabbitmq]") {
  cluster c;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_4_3(l.node, c);
    l.node.answer("rabbit_stream_queue:delete_all_replicas", [&](const auto&) {
      c.answers_ping = true;
      return take_off_streams(c);
    });
    const auto report = co_await rabbitmq::forget(*l.link, lost, soon(), go_on);
    REQUIRE(report.problem);
    CHECK(report.problem->code == errc::still_running);
    CHECK(report.is_member);
    CHECK_FALSE(was_called(l.node, "rabbit_db_cluster:forget_member/2"));
  });
}

TEST_CASE("who has lost the lock changes nothing any more", "[rabbitmq]") {
  cluster c;
  int asked = 0;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_4_3(l.node, c);
    const auto lost_later = [&asked] { return ++asked < 3; };
    const auto report = co_await rabbitmq::forget(*l.link, lost, soon(), lost_later);
    CHECK_FALSE(report.complete);
    CHECK(report.problem.value().code == errc::stopped);
    CHECK(was_called(l.node, "rabbit_quorum_queue:shrink_all/1"));
    CHECK_FALSE(was_called(l.node, "rabbit_stream_queue:delete_all_replicas/1"));
    CHECK_FALSE(was_called(l.node, "rabbit_db_cluster:forget_member/2"));
  });
}

TEST_CASE("a removal that an earlier run left uncommitted is waited for", "[rabbitmq]") {
  cluster c;
  c.members = c.running;
  c.pending = 1000;
  c.pending_group = "rabbitmq_metadata";
  with_link([&](linked_node& l) -> awaitable<void> {
    be_4_3(l.node, c);
    const auto deadline = base::steady::now() + 1s;
    const auto report = co_await rabbitmq::forget(*l.link, lost, deadline, go_on);
    CHECK_FALSE(report.was_member);
    CHECK_FALSE(report.complete);
    CHECK(report.problem.value().code == errc::no_majority);
    c.pending = 0;
    CHECK((co_await rabbitmq::forget(*l.link, lost, soon(), go_on)).complete);
  });
}

TEST_CASE("a stopped broker on the lost node is nobody of a majority", "[rabbitmq]") {
  cluster c;
  c.answers_ping = true;
  c.lost_boot = "stopped";
  c.running = {lost, "rabbit@fake"};
  with_link([&](linked_node& l) -> awaitable<void> {
    be_4_3(l.node, c);
    const auto report = co_await rabbitmq::forget(*l.link, lost, soon(), go_on);
    CHECK(report.problem.value().code == errc::no_majority);
    CHECK_FALSE(was_called(l.node, "rabbit_quorum_queue:shrink_all/1"));
  });
}

TEST_CASE("without a majority of Khepri nothing is begun", "[rabbitmq]") {
  cluster c;
  c.running = {"rabbit@fake"};
  with_link([&](linked_node& l) -> awaitable<void> {
    be_4_3(l.node, c);
    const auto report = co_await rabbitmq::forget(*l.link, lost, soon(), go_on);
    REQUIRE(report.problem);
    CHECK(report.problem->code == errc::no_majority);
    CHECK(report.problem->detail == "1 of 3 members run");
    CHECK_FALSE(was_called(l.node, "rabbit_quorum_queue:shrink_all/1"));
  });
}

TEST_CASE("the one that is asked must run itself", "[rabbitmq]") {
  cluster c;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_4_3(l.node, c);
    testing::stop_app(l.node);
    const auto report = co_await rabbitmq::forget(*l.link, lost, soon(), go_on);
    REQUIRE(report.problem);
    CHECK(report.problem->code == errc::not_running);
  });
}

TEST_CASE("a queue without a majority keeps the member, and is named", "[rabbitmq]") {
  cluster c;
  c.shrink_error = atom("timeout");
  with_link([&](linked_node& l) -> awaitable<void> {
    be_4_3(l.node, c);
    const auto report = co_await rabbitmq::forget(*l.link, lost, soon(), go_on);
    CHECK_FALSE(report.complete);
    CHECK(report.is_member);
    CHECK(report.problem.value().code == errc::no_majority);
    CHECK(report.failed.count == 1);
    CHECK(report.failed.names.at(0) == "'qq' in '/': timeout");
    CHECK_FALSE(was_called(l.node, "rabbit_db_cluster:forget_member/2"));
    // The missing replica is back.
    c.shrink_error = term();
    const auto again = co_await rabbitmq::forget(*l.link, lost, soon(), go_on);
    CHECK(again.complete);
  });
}

TEST_CASE("a queue that the broker gave up on without a word is found", "[rabbitmq]") {
  cluster c;
  c.silent = true;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_4_3(l.node, c);
    const auto report = co_await rabbitmq::forget(*l.link, lost, soon(), go_on);
    CHECK_FALSE(report.complete);
    CHECK(report.problem.value().code == errc::replicas_left);
    CHECK(report.failed.names == named_qq);
    CHECK(report.is_member);
  });
}

TEST_CASE("a broker that does not end with its queues is told with the name of one", "[rabbitmq]") {
  cluster c;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_4_3(l.node, c);
    l.node.never_answer("rabbit_quorum_queue:shrink_all");
    const auto deadline = base::steady::now() + 1s;
    const auto report = co_await rabbitmq::forget(*l.link, lost, deadline, go_on);
    CHECK_FALSE(report.complete);
    CHECK(report.problem.value().code == errc::replicas_left);
    CHECK(report.problem.value().detail.starts_with("'qq' in '/': "));
    CHECK(report.failed.names == named_qq);
  });
}

TEST_CASE("a change that the broker said ok to is waited for until a majority has it",
          "[rabbitmq]") {
  cluster c;
  c.pending = 2;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_4_3(l.node, c);
    const auto report = co_await rabbitmq::forget(*l.link, lost, soon(), go_on);
    CHECK(report.complete);
    CHECK(c.pending == 0);
  });
}

TEST_CASE("a change that nobody else has does not count", "[rabbitmq]") {
  cluster c;
  c.pending = 1000;
  SECTION("of a quorum queue") {
    with_link([&](linked_node& l) -> awaitable<void> {
      be_4_3(l.node, c);
      const auto report = co_await rabbitmq::forget(*l.link, lost, soon(), go_on);
      CHECK_FALSE(report.complete);
      CHECK(report.problem.value().code == errc::no_majority);
      CHECK(report.failed.names == named_qq);
      CHECK(report.is_member);
    });
  }
  SECTION("of the metadata store") {
    c.pending_group = "rabbitmq_metadata";
    with_link([&](linked_node& l) -> awaitable<void> {
      be_4_3(l.node, c);
      const auto deadline = base::steady::now() + 1s;
      const auto report = co_await rabbitmq::forget(*l.link, lost, deadline, go_on);
      CHECK_FALSE(report.complete);
      CHECK(report.problem.value().code == errc::no_majority);
      CHECK(report.is_member);
    });
  }
}

TEST_CASE("a queue whose only replica is lost holds nothing up", "[rabbitmq]") {
  cluster c;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_4_3(l.node, c);
    l.node.answer("rabbit_quorum_queue:shrink_all", [&](const auto&) {
      c.quorum.clear();
      return list_of(tuple_of(queue("qq"), tuple_of(atom("error"), 1, atom("last_node"))));
    });
    const auto report = co_await rabbitmq::forget(*l.link, lost, soon(), go_on);
    CHECK(report.complete);
    CHECK(report.shrunk.count == 0);
  });
}

TEST_CASE("3.10 is asked for each stream and by the functions it has", "[rabbitmq]") {
  cluster c;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_3_10(l.node, c);
    const auto report = co_await rabbitmq::forget(*l.link, lost, soon(), go_on);
    CHECK(report.complete);
    CHECK(report.shrunk.names == named_qq);
    CHECK(report.streams.names == named_st);
    const auto member = place(l.node, "rabbit_mnesia:forget_cluster_node/2");
    CHECK(place(l.node, "rabbit_stream_coordinator:delete_replica/2") < member);
  });
}

TEST_CASE("a change that 3.10 made and did not note is noted", "[rabbitmq]") {
  cluster c;
  c.shrink_error = tuple_of(atom("no_more_servers_to_try"), list_of(error(atom("not_member"))));
  with_link([&](linked_node& l) -> awaitable<void> {
    be_3_10(l.node, c);
    l.node.answer("rabbit_quorum_queue:repair_amqqueue_nodes", [&](const auto& arguments) {
      CHECK(arguments[0] == queue("qq"));
      c.quorum.clear();
      return term(atom("repaired"));
    });
    const auto report = co_await rabbitmq::forget(*l.link, lost, soon(), go_on);
    CHECK(report.complete);
    CHECK(report.shrunk.names == named_qq);
  });
}

TEST_CASE("a change that cannot be noted keeps the member", "[rabbitmq]") {
  cluster c;
  c.shrink_error = atom("not_member");
  with_link([&](linked_node& l) -> awaitable<void> {
    be_3_10(l.node, c);
    l.node.undefine("rabbit_quorum_queue:repair_amqqueue_nodes");
    const auto report = co_await rabbitmq::forget(*l.link, lost, soon(), go_on);
    CHECK_FALSE(report.complete);
    CHECK(report.problem.value().code == erldist::errc::undefined_function);
    CHECK_FALSE(was_called(l.node, "rabbit_mnesia:forget_cluster_node/2"));
  });
}

TEST_CASE("a stream that is still led from the lost node keeps the member", "[rabbitmq]") {
  cluster c;
  c.leads = "st";
  with_link([&](linked_node& l) -> awaitable<void> {
    be_3_10(l.node, c);
    const auto deadline = base::steady::now() + 1s;
    const auto report = co_await rabbitmq::forget(*l.link, lost, deadline, go_on);
    CHECK_FALSE(report.complete);
    CHECK(report.failed.names == named_st);
    CHECK_FALSE(was_called(l.node, "rabbit_mnesia:forget_cluster_node/2"));
  });
}

TEST_CASE("a member that refuses to be forgotten is told with the broker's words", "[rabbitmq]") {
  cluster c;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_4_3(l.node, c);
    l.node.answer("rabbit_db_cluster:forget_member",
                  error(tuple_of(atom("failed_to_remove_node"), atom(lost), atom("unavailable"))));
    const auto report = co_await rabbitmq::forget(*l.link, lost, soon(), go_on);
    CHECK(report.problem.value().code == errc::forget_failed);
    CHECK(report.problem.value().detail.find("unavailable") != std::string::npos);
    CHECK(report.is_member);
  });
}
