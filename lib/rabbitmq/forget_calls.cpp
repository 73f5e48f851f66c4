#include "rabbitmq/forget_calls.hpp"

#include <utility>
#include <vector>

namespace warren::rabbitmq {
namespace {

using erldist::function_call;
using etf::atom;
using etf::list_of;
using etf::term;
using etf::tuple_of;

// A replica's place in a longer list of nodes is not looked at: such a queue counts as dependent.
constexpr int most_replicas = 9;

// Terms of match specifications; '$_' is the queue's record. In each version since 3.8 its name is
// the 2nd element, the process the 7th, the type the last but one and the type's state the last.
term record() {
  return atom("$_");
}

template <class... T>
term apply(const char* function, T&&... arguments) {
  return tuple_of(atom(function), std::forward<T>(arguments)...);
}

term name_of() {
  return apply("element", 2, record());
}
term process() {
  return apply("element", 7, record());
}
term type() {
  return apply("element", apply("-", apply("size", record()), 1), record());
}
term type_state() {
  return apply("element", apply("size", record()), record());
}
// Fails, so that the record does not match, where the type has no replicas. A list; 4.3 also a map
// by node.
term replicas() {
  return apply("map_get", atom("nodes"), type_state());
}
term is_type(const char* module) {
  return apply("=:=", type(), atom(module));
}

term how_many_replicas() {
  return apply("length", replicas());
}

// Whether the list of replicas has `node` at `index` or later.
term has_from(int index, const term& node) {
  term rest = replicas();
  for (int i = 0; i < index; ++i) rest = apply("tl", std::move(rest));
  term longer = apply(">", how_many_replicas(), index);
  if (index == most_replicas) return longer;
  return apply(
      "andalso", std::move(longer),
      apply("orelse", apply("=:=", apply("hd", std::move(rest)), node), has_from(index + 1, node)));
}

term has_replica(const term& node) {
  return apply("orelse",
               apply("andalso", apply("is_map", replicas()), apply("is_map_key", node, replicas())),
               apply("andalso", apply("is_list", replicas()), has_from(0, node)));
}

term is_only_replica() {
  return apply(
      "orelse",
      apply("andalso", apply("is_map", replicas()), apply("=:=", apply("map_size", replicas()), 1)),
      apply("andalso", apply("is_list", replicas()), apply("=:=", how_many_replicas(), 1)));
}

term lives_on(const term& node) {
  return apply("andalso", apply("is_pid", process()), apply("=:=", apply("node", process()), node));
}

term condition(dependence what, const term& node) {
  switch (what) {
    case dependence::classic:
      return apply("andalso", is_type("rabbit_classic_queue"), lives_on(node));
    case dependence::leader:
      return apply("andalso", is_type("rabbit_stream_queue"),
                   apply("andalso", lives_on(node), apply("not", is_only_replica())));
    case dependence::quorum:
      return apply("andalso", is_type("rabbit_quorum_queue"),
                   apply("andalso", has_replica(node), apply("not", is_only_replica())));
    case dependence::stream:
      return apply("andalso", is_type("rabbit_stream_queue"),
                   apply("andalso", has_replica(node), apply("not", is_only_replica())));
    case dependence::only:
      return apply("andalso", has_replica(node), is_only_replica());
  }
  return false;
}

// [{'$1', [Condition], [Result]}]
term specification(term condition, term result) {
  return list_of(tuple_of(atom("$1"), list_of(std::move(condition)), list_of(std::move(result))));
}

term table(metadata_store store) {
  return atom(store == metadata_store::khepri ? "rabbit_khepri_queue" : "rabbit_durable_queue");
}

function_call select(metadata_store store, term specification, std::size_t most) {
  function_call call{"ets", "select", {}};
  call.arguments.push_back(table(store));
  call.arguments.push_back(std::move(specification));
  call.arguments.emplace_back(static_cast<std::int64_t>(most));
  return call;
}

}  // namespace

function_call count_dependent(dependence what, metadata_store store, const std::string& node) {
  function_call call{"ets", "select_count", {}};
  call.arguments.push_back(table(store));
  call.arguments.push_back(specification(condition(what, atom(node)), true));
  return call;
}

function_call name_dependent(dependence what, metadata_store store, const std::string& node,
                             std::size_t most) {
  return select(store, specification(condition(what, atom(node)), name_of()), most);
}

function_call list_quorum_queues(metadata_store store, std::size_t most) {
  // {{Name, Process, Nodes}}: double braces make a tuple.
  term queue = tuple_of(tuple_of(name_of(), apply("element", 1, process()), replicas()));
  return select(store, specification(is_type("rabbit_quorum_queue"), std::move(queue)), most);
}

function_call list_streams(metadata_store store, const std::string& node, std::size_t most) {
  term stream = tuple_of(tuple_of(name_of(), apply("map_get", atom("name"), type_state())));
  return select(store, specification(condition(dependence::stream, atom(node)), std::move(stream)),
                most);
}

erldist::function_call about(const char* module, const char* function, const std::string& node) {
  erldist::function_call call{module, function, {}};
  call.arguments.emplace_back(etf::atom(node));
  return call;
}

erldist::function_call removal(const char* module, const char* function, const std::string& node) {
  erldist::function_call call = about(module, function, node);
  call.arguments.emplace_back(false);
  return call;
}

}  // namespace warren::rabbitmq
