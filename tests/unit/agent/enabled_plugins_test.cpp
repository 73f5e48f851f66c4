#include "agent/enabled_plugins.hpp"

#include "tests/support/catch.hpp"

#include <optional>
#include <string>

using warren::agent::enables_plugin;

namespace {
std::optional<bool> k8s_in(std::string_view text) {
  return enables_plugin(text, "rabbitmq_peer_discovery_k8s");
}
}  // namespace

TEST_CASE("a plugin is enabled if the list names it") {
  CHECK(k8s_in("[rabbitmq_peer_discovery_k8s].") == true);
  CHECK(k8s_in("[rabbitmq_management,rabbitmq_peer_discovery_k8s].\n") == true);
  CHECK(k8s_in("\n[ 'rabbitmq_peer_discovery_k8s' ,\n  rabbitmq_prometheus\n] .\n") == true);
  CHECK(k8s_in("%% mine\n[% first\nrabbitmq_peer_discovery_k8s % the plugin\n].% end") == true);
}

TEST_CASE("a plugin is not enabled if it is not named, or only in a comment or as a part") {
  CHECK(k8s_in("[].") == false);
  CHECK(k8s_in("[rabbitmq_management].") == false);
  CHECK(k8s_in("[rabbitmq_peer_discovery_k8s_extra].") == false);
  CHECK(k8s_in("[my_rabbitmq_peer_discovery_k8s].") == false);
  CHECK(k8s_in("% [rabbitmq_peer_discovery_k8s].\n[rabbitmq_management].") == false);
  CHECK(k8s_in("['a, rabbitmq_peer_discovery_k8s, b'].") == false);
  CHECK(k8s_in("['it\\'s', b].") == false);
}

TEST_CASE("an empty file enables nothing") {
  CHECK(k8s_in("") == false);
  CHECK(k8s_in(" \n% nothing yet\n") == false);
}

TEST_CASE("what is no list of atoms tells nothing") {
  for (const char* text :
       {"[rabbitmq_peer_discovery_k8s]", "[rabbitmq_peer_discovery_k8s", "rabbitmq_management.",
        "[a b].", "[a,].", "[,a].", "[Variable].", "[\"string\"].", "[1].", "[[a]].", "[a]. [b].",
        "[a]..", "['open].", "['open\\'].", "[", "]", ".", "\xff"}) {
    CAPTURE(text);
    CHECK_FALSE(k8s_in(text));
  }
}
