#include "rabbitmq/questions.hpp"

#include "tests/support/catch.hpp"

#include <string>

using namespace warren::rabbitmq;

namespace {

std::string function(question q, std::size_t choice) {
  const auto call = function_for(q, choice, "rabbit@a");
  return call ? call->text() : "";
}

}  // namespace

TEST_CASE("each question has a function of current versions", "[rabbitmq]") {
  for (std::size_t q = 0; q < question_count; ++q) {
    CAPTURE(q);
    CHECK_FALSE(function(static_cast<question>(q), 0).empty());
  }
}

TEST_CASE("members are asked of the module that the version has", "[rabbitmq]") {
  CHECK(function(question::members, 0) == "rabbit_nodes:list_members/0");
  CHECK(function(question::members, 1) == "rabbit_mnesia:cluster_nodes/1");
  CHECK(function(question::members, 2).empty());
  CHECK(function(question::running, 0) == "rabbit_nodes:list_reachable/0");
}

TEST_CASE("a thing that a version does not know is absent, not unknown", "[rabbitmq]") {
  CHECK(answer_without_function(question::partitions) == warren::etf::term(warren::etf::list{}));
  CHECK(answer_without_function(question::draining).has_value());
  CHECK_FALSE(answer_without_function(question::local_alarms).has_value());
}
