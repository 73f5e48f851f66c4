// Whom the start gate expects, by source of the peers. The rest of the look is in
// formation_loop_test.cpp.
#include "agent/tasks/formation_looks.hpp"

#include "kubernetes/errc.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/settings_of.hpp"

#include <boost/asio/io_context.hpp>

using namespace warren;
using kubernetes::errc;
using names = std::vector<std::string>;
using observed_names = base::observed<names>;

namespace {

// What is expected with these flags, after the StatefulSet was looked for with that result.
observed_names expected(std::vector<std::string> flags, bool has_api,
                        const base::observed<domain::set_view>& set = {}) {
  async::asio::io_context io;
  flags.insert(flags.end(), {"--node=rabbit@rmq-1", "--data-dir=/no/such", "--conf-dir=/no/such",
                             "--formation=observe"});
  const agent::settings s =
      testing::settings_of({.arguments = flags, .variables = {{"POD_NAME", "rmq-1"}}});
  kubernetes::api_client api(io.get_executor(), {.tls = false, .token_path = ""}, "warren/test");
  agent::snapshot first;
  first.world.node = s.broker.node;
  first.set = set;
  agent::snapshot_store store(first, {});
  agent::formation_looks looks(io.get_executor(), has_api ? &api : nullptr, store, s);
  looks.look();
  return store.current().formation.expected;
}

base::observed<domain::set_view> not_read(errc why) {
  base::observed<domain::set_view> set;
  set.failed(why);
  return set;
}

const names three{"rabbit@rmq-0", "rabbit@rmq-1", "rabbit@rmq-2"};

}  // namespace

TEST_CASE("the nodes of a list are expected in its order, whatever the StatefulSet says") {
  const std::vector<std::string> flags{"--peers-from=static", "--static-peers=rmq-2,rmq-1"};
  const names list{"rabbit@rmq-2", "rabbit@rmq-1"};
  CHECK(expected(flags, false).value == list);
  base::observed<domain::set_view> set;
  set.saw({.replicas = 5}, base::steady::now());
  CHECK(expected(flags, true, set).value == list);
}

TEST_CASE("the StatefulSet's size goes before the setting") {
  base::observed<domain::set_view> set;
  set.saw({.replicas = 3}, base::steady::now());
  CHECK(expected({"--expected-members=5"}, true, set).value == three);
}

TEST_CASE(
    "the setting counts where the StatefulSet cannot be read, but not where it may in a moment") {
  const std::vector<std::string> flags{"--peers-from=dns", "--expected-members=3"};
  CHECK(expected(flags, false).value == three);
  CHECK(expected(flags, true, not_read(errc::forbidden)).value == three);
  CHECK(expected(flags, true, not_read(errc::not_found)).value == three);
  CHECK_FALSE(expected(flags, true, not_read(errc::server_error)).value);
  CHECK(expected(flags, true, not_read(errc::server_error)).last_error);
  CHECK_FALSE(expected(flags, true).value);
}

TEST_CASE("where nothing says how many members there are to be, the cure is told") {
  const observed_names none = expected({"--peers-from=dns"}, false);
  CHECK_FALSE(none.value);
  REQUIRE(none.last_error);
  CHECK(none.last_error->text().find("--expected-members") != std::string::npos);
}
