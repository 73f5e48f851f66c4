#include "agent/record_text.hpp"

#include "tests/support/catch.hpp"

using namespace warren;
using agent::decode_record;
using agent::encode_record;

TEST_CASE("the cluster's record is read as it was written") {
  const domain::cluster_record founding{.founder = "rabbit@rmq-1",
                                        .founder_uid = "ab-1",
                                        .overruled = "rabbit@rmq-1 founds: gate found"};
  CHECK(decode_record(encode_record(founding)).value() == founding);
  const domain::cluster_record founded{.founded = true,
                                       .cluster_id = "rabbitmq-cluster-id-1",
                                       .members = {"rabbit@rmq-0", "rabbit@rmq-1"},
                                       .founder = "rabbit@rmq-0",
                                       .founder_uid = "ab-0",
                                       .forgetting = "rabbit@rmq-1"};
  CHECK(decode_record(encode_record(founded)).value() == founded);
}

TEST_CASE("a record that is damaged or of another schema is never taken for none") {
  for (const char* text :
       {"", "{}", "[]", R"({"schema":2,"state":"founded"})", R"({"schema":1,"state":"other"})",
        R"({"schema":1,"state":"founded","members":[1]})",
        R"({"schema":1,"state":"founded","members":{}})",
        R"({"schema":1,"state":"founded","founder":7})"}) {
    const auto record = decode_record(text);
    REQUIRE(record.has_error());
    CHECK(record.error().text().find("record") != std::string::npos);
  }
}

TEST_CASE("members that are not named in the record are none") {
  const auto record = decode_record(R"({"schema":1,"state":"founding","founder":"rabbit@a"})");
  CHECK(record.value() == domain::cluster_record{.founder = "rabbit@a"});
}
