#include "rabbitmq/forget_calls.hpp"

#include "etf/encode.hpp"
#include "etf/to_text.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace warren;
using namespace warren::rabbitmq;

namespace {

std::string text(const erldist::function_call& call) {
  std::string all = call.text();
  for (const auto& argument : call.arguments) all += ' ' + etf::to_text(argument, 2000);
  return all;
}

}  // namespace

TEST_CASE("classic queues are found by the node that their process is on", "[rabbitmq]") {
  CHECK(text(count_dependent(dependence::classic, metadata_store::mnesia, "rabbit@c")) ==
        "ets:select_count/2 rabbit_durable_queue "
        "[{'$1',[{andalso,{'=:=',{element,{'-',{size,'$_'},1},'$_'},rabbit_classic_queue},"
        "{andalso,{is_pid,{element,7,'$_'}},{'=:=',{node,{element,7,'$_'}},rabbit@c}}}],"
        "[true]}]");
}

TEST_CASE("names of dependent queues are asked for with a limit", "[rabbitmq]") {
  const auto call = name_dependent(dependence::leader, metadata_store::khepri, "rabbit@c", 20);
  CHECK(call.text() == "ets:select/3");
  REQUIRE(call.arguments.size() == 3);
  CHECK(call.arguments[0] == etf::term(etf::atom("rabbit_khepri_queue")));
  CHECK(call.arguments[2] == etf::term(20));
  CHECK(text(call).find("[{element,2,'$_'}]") != std::string::npos);
}

TEST_CASE("replicas are looked for in a list and in a map", "[rabbitmq]") {
  const std::string all =
      text(count_dependent(dependence::quorum, metadata_store::khepri, "rabbit@c"));
  CHECK(all.find("{is_map_key,rabbit@c,{map_get,nodes,") != std::string::npos);
  CHECK(all.find("{'=:=',{hd,{map_get,nodes,") != std::string::npos);
  CHECK(all.find("rabbit_quorum_queue") != std::string::npos);
}

TEST_CASE("a question about queues stays small", "[rabbitmq]") {
  const std::string name = "rabbit@" + std::string(240, 'n');
  for (const dependence what : {dependence::classic, dependence::quorum, dependence::stream,
                                dependence::only, dependence::leader}) {
    const auto call = count_dependent(what, metadata_store::khepri, name);
    CHECK(etf::encode(call.arguments[1]).size() < 16384);
  }
}
