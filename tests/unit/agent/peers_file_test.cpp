#include "agent/peers_file.hpp"

#include "tests/support/catch.hpp"

using namespace warren;
using agent::format_peers;
using agent::peers_format;

namespace {

domain::peer_list three() {
  domain::peer_list list;
  for (const char* n : {"0", "1", "2"}) {
    list.peers.push_back({.node = std::string("rabbit@rmq-") + n,
                          .pod = std::string("rmq-") + n,
                          .uid = std::string("uid-") + n,
                          .addresses = {std::string("10.0.0.") + n},
                          .ready = true,
                          .serving = true});
  }
  list.peers[1].terminating = true;
  return list;
}

}  // namespace

TEST_CASE("the rabbitmq format is a classic_config list without those who leave") {
  CHECK(format_peers(three(), peers_format::rabbitmq) ==
        "# Written by Warren; the next change of the peers overwrites it.\n"
        "cluster_formation.peer_discovery_backend = classic_config\n"
        "cluster_formation.classic_config.nodes.1 = rabbit@rmq-0\n"
        "cluster_formation.classic_config.nodes.2 = rabbit@rmq-2\n");
}

TEST_CASE("an empty list is never written for a broker to read") {
  CHECK(format_peers({}, peers_format::rabbitmq) == std::nullopt);
  domain::peer_list leaving = three();
  for (auto& p : leaving.peers) p.terminating = true;
  CHECK(format_peers(leaving, peers_format::rabbitmq) == std::nullopt);
}

TEST_CASE("the plain format is one host a line") {
  CHECK(format_peers(three(), peers_format::plain) == "rmq-0\nrmq-2\n");
  CHECK(format_peers({}, peers_format::plain) == std::nullopt);
}

TEST_CASE("the json format is the list of the API") {
  domain::peer_list list = three();
  list.peers.resize(1);
  list.peers[0].pod = "quote\"and\nline";
  CHECK(format_peers(list, peers_format::json) == R"([
  {
    "node": "rabbit@rmq-0",
    "pod": "quote\"and\nline",
    "uid": "uid-0",
    "addresses": [
      "10.0.0.0"
    ],
    "ready": true,
    "serving": true,
    "terminating": false
  }
]
)");
  CHECK(format_peers({}, peers_format::json) == std::nullopt);
}

TEST_CASE("the body of /v1/peers names Service, source and the time of the look") {
  const base::wall_time then{std::chrono::milliseconds(1700000000042)};
  CHECK(agent::peers_body({}, "rmq", "kubernetes", then) ==
        "{\"service\":\"rmq\",\"source\":\"kubernetes\","
        "\"observed_at\":\"2023-11-14T22:13:20.042Z\",\"peers\":[]}\n");
  CHECK(agent::peers_body({}, "rmq", "kubernetes", {}).find("\"observed_at\":null") !=
        std::string::npos);
}

TEST_CASE("bytes that are no UTF-8 do not break the JSON") {
  domain::peer_list list = three();
  list.peers[0].pod = "\xff";
  CHECK(agent::peers_body(list, "rmq", "kubernetes", {}).find("\xef\xbf\xbd") != std::string::npos);
}
