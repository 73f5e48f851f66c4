#include "tests/support/lost_member.hpp"

#include "etf/to_text.hpp"
#include "tests/support/fake_broker.hpp"

#include <algorithm>
#include <utility>

namespace warren::testing {
namespace {

using etf::atom;
using etf::list_of;
using etf::term;
using etf::tuple_of;

term queue(const std::string& name) {
  return tuple_of(atom("resource"), etf::binary("/"), atom("queue"), etf::binary(name));
}

term error(term reason) {
  return tuple_of(atom("error"), std::move(reason));
}

bool says(const term& t, const char* word) {
  return etf::to_text(t, 20000).find(word) != std::string::npos;
}

term nodes(const std::vector<std::string>& names) {
  etf::list all;
  for (const auto& name : names) all.elements.emplace_back(atom(name));
  return all;
}

// Which queue a match specification asks for.
const std::string& dependent(const cluster_with_a_lost_member& c, const term& specification) {
  static const std::string none;
  const bool own_process = says(specification, "is_pid");
  if (says(specification, "rabbit_classic_queue")) return c.classic;
  if (says(specification, "rabbit_quorum_queue")) return c.quorum;
  if (says(specification, "rabbit_stream_queue")) return own_process ? c.leads : c.stream;
  return none;
}

term select(const cluster_with_a_lost_member& c, const std::vector<term>& arguments) {
  term row;
  if (says(arguments[1], "{{{")) {  // a row of several values
    if (says(arguments[1], "{map_get,name,")) {
      if (c.stream.empty()) return atom("$end_of_table");
      row = tuple_of(queue(c.stream), etf::charlist("__" + c.stream));
    } else {
      row = tuple_of(queue("qq"), atom("%2F_qq"), nodes(c.running));
    }
  } else {
    const std::string& name = dependent(c, arguments[1]);
    if (name.empty()) return atom("$end_of_table");
    row = queue(name);
  }
  return tuple_of(list_of(row), atom("$end_of_table"));
}

term shrink(cluster_with_a_lost_member& c) {
  if (c.quorum.empty() || c.silent) return etf::list{};
  const bool fails = c.shrink_error != term();
  const term result = fails ? tuple_of(atom("error"), 3, c.shrink_error) : tuple_of(atom("ok"), 2);
  const term answer = list_of(tuple_of(queue(c.quorum), result));
  if (!fails) c.quorum.clear();
  return answer;
}

term take_off_streams(cluster_with_a_lost_member& c) {
  if (c.stream.empty()) return etf::list{};
  const term answer = list_of(tuple_of(queue(c.stream), tuple_of(atom("ok"), 2)));
  c.stream.clear();
  return answer;
}

term remove_from_group(cluster_with_a_lost_member& c, const std::vector<term>& arguments) {
  const bool has = says(arguments[1], c.pending_group.c_str());
  if (!has || c.pending == 0) return error(atom("not_member"));
  --c.pending;
  return error(atom("cluster_change_not_permitted"));
}

term forget_member(cluster_with_a_lost_member& c) {
  const auto found = std::find(c.members.begin(), c.members.end(), lost_member);
  if (found == c.members.end()) {
    return error(tuple_of(atom("not_a_cluster_node"), etf::charlist("not in the cluster")));
  }
  c.members.erase(found);
  c.classic.clear();
  return atom("ok");
}

}  // namespace

void be_4_3(fake_erlang_node& node, cluster_with_a_lost_member& c) {
  run_broker(node);
  node.answer("rabbit_nodes:list_members", [&](const auto&) { return nodes(c.members); });
  node.answer("rabbit_nodes:list_reachable", [&](const auto&) { return nodes(c.running); });
  node.answer("rabbit_feature_flags:is_enabled", true);
  node.answer("net_adm:ping",
              [&](const auto&) { return term(atom(c.answers_ping ? "pong" : "pang")); });
  node.answer("rpc:call", [&](const auto& arguments) {
    if (arguments[1] == term(atom("init"))) return tuple_of(atom("started"), atom("started"));
    return term(atom(c.lost_boot));
  });
  node.answer("ets:select_count", [&](const auto& arguments) {
    return term(dependent(c, arguments[1]).empty() ? 0 : 1);
  });
  node.answer("ets:select", [&](const auto& arguments) { return select(c, arguments); });
  node.answer("rabbit_quorum_queue:shrink_all", [&](const auto&) { return shrink(c); });
  node.answer("rabbit_stream_queue:delete_all_replicas",
              [&](const auto&) { return take_off_streams(c); });
  node.answer("ra:remove_member",
              [&](const auto& arguments) { return remove_from_group(c, arguments); });
  node.answer("rabbit_db_cluster:forget_member", [&](const auto&) { return forget_member(c); });
}

void be_3_10(fake_erlang_node& node, cluster_with_a_lost_member& c) {
  be_4_3(node, c);
  node.answer("rabbit_misc:version", etf::charlist("3.10.8"));
  node.undefine("rabbit_nodes:list_members");
  node.undefine("rabbit_nodes:list_reachable");
  node.undefine("rabbit_db_cluster:forget_member");
  node.undefine("rabbit_stream_queue:delete_all_replicas");
  node.answer("rabbit_feature_flags:is_enabled", false);
  node.answer("rabbit_node_monitor:partitions", etf::list{});
  node.answer("rabbit_mnesia:cluster_nodes", [&](const auto& arguments) {
    return nodes(arguments[0] == term(atom("all")) ? c.members : c.running);
  });
  node.answer("rabbit_mnesia:forget_cluster_node", [&](const auto&) { return forget_member(c); });
  node.answer("rabbit_stream_coordinator:delete_replica", [&](const auto&) {
    c.stream.clear();
    return tuple_of(atom("ok"), atom("ok"),
                    tuple_of(atom("rabbit_stream_coordinator"), atom("rabbit@b")));
  });
}

}  // namespace warren::testing
