#include "kubernetes/api_client.hpp"

#include "kubernetes/errc.hpp"
#include "kubernetes/stateful_set.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_kube_api.hpp"
#include "tests/support/kube_objects.hpp"
#include "tests/support/run_coroutine.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <functional>
#include <unistd.h>

using namespace std::chrono_literals;
using namespace warren;
using async::awaitable;
using kubernetes::api_client;
using kubernetes::errc;
using kubernetes::verb;
using testing::fake_kube_api;

namespace {

// The files of a pod's service account, replaced as kubelet does it.
struct account {
  account()
      : folder(std::filesystem::temp_directory_path() /
               ("warren-account-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }
  ~account() { std::filesystem::remove_all(folder); }
  account(const account&) = delete;
  account& operator=(const account&) = delete;

  // Swaps the symbolic link "..data" to a new folder with these files.
  void swap(const std::string& token, const std::string& ca) {
    const auto next = folder / std::to_string(++generation);
    std::filesystem::create_directory(next);
    testing::write_pem_file(next / "token", token);
    testing::write_pem_file(next / "ca.crt", ca);
    std::filesystem::create_directory_symlink(next, folder / "..new");
    std::filesystem::rename(folder / "..new", folder / "..data");
  }
  [[nodiscard]] kubernetes::in_cluster where(std::uint16_t port, bool tls) const {
    kubernetes::in_cluster out;
    out.tls = tls;
    out.host = "127.0.0.1";
    out.port = port;
    out.token_path = folder / "..data" / "token";
    out.ca_path = folder / "..data" / "ca.crt";
    return out;
  }

  std::filesystem::path folder;
  int generation = 0;
};

kubernetes::api_call endpoints_call() {
  kubernetes::api_call call;
  call.target = "/api/v1/namespaces/default/endpoints/rmq";
  call.resource = "endpoints";
  call.object = "rmq in namespace default";
  call.needs = "get";
  return call;
}

base::time_point soon() {
  return base::steady::now() + 3s;
}

void with_api(const std::function<awaitable<void>(fake_kube_api&, account&, api_client&)>& body,
              bool tls = false) {
  testing::run_coroutine([&]() -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    const testing::test_authority authority;
    testing::fake_kube_settings settings;
    settings.tokens = {"first"};
    if (tls) settings.tls = authority.issue();
    fake_kube_api server(executor, settings);
    server.put(testing::endpoints("rmq", {{.pod = "rmq-0", .address = "10.0.0.1"}}));
    account files;
    files.swap("first\n", authority.certificate_pem());
    api_client api(executor, files.where(server.port(), tls), "warren/test");
    co_await body(server, files, api);
  });
}

}  // namespace

TEST_CASE("a call carries token and user agent, and is counted", "[kubernetes]") {
  with_api(
      [](fake_kube_api& server, account&, api_client& api) -> awaitable<void> {
        const auto got = co_await api.send(endpoints_call(), soon());
        REQUIRE(got.has_value());
        CHECK(server.requests().back().headers.at("user-agent") == "warren/test");
        CHECK(api.counters().requests.at({verb::get, 200}) == 1);
      },
      true);
}

TEST_CASE("K4: after a 401 the token is read again and the call made once more", "[kubernetes]") {
  with_api([](fake_kube_api& server, account& files, api_client& api) -> awaitable<void> {
    const auto before = co_await api.send(endpoints_call(), soon());
    REQUIRE(before.has_value());
    server.set_tokens({"second"});
    files.swap("second", "");
    const auto after = co_await api.send(endpoints_call(), soon());
    REQUIRE(after.has_value());
    CHECK(api.counters().requests.at({verb::get, 401}) == 1);
    CHECK(api.counters().token_reads == 2);
  });
}

TEST_CASE("K4: a 401 with the fresh token is told after two requests, without the token",
          "[kubernetes]") {
  with_api([](fake_kube_api& server, account&, api_client& api) -> awaitable<void> {
    server.set_tokens({"another"});
    const auto got = co_await api.send(endpoints_call(), soon());
    REQUIRE(got.has_error());
    CHECK(got.error().why.code == errc::unauthorized);
    CHECK(got.error().why.text().find("first") == std::string::npos);
    CHECK(api.counters().requests.at({verb::get, 401}) == 2);
  });
}

TEST_CASE("K6: 404 is an error that names the object", "[kubernetes]") {
  with_api([](fake_kube_api& server, account&, api_client& api) -> awaitable<void> {
    server.remove("endpoints", "default", "rmq");
    const auto got = co_await api.send(endpoints_call(), soon());
    REQUIRE(got.has_error());
    CHECK(got.error().why.code == errc::not_found);
    CHECK(got.error().why.detail.find("rmq in namespace default") != std::string::npos);
  });
}

TEST_CASE("an unreadable token is told with its path, and cured without a restart",
          "[kubernetes]") {
  with_api([](fake_kube_api& server, account& files, api_client&) -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    kubernetes::in_cluster where = files.where(server.port(), false);
    where.token_path = files.folder / "late";
    api_client api(executor, where, "warren/test");
    const auto got = co_await api.send(endpoints_call(), soon());
    REQUIRE(got.has_error());
    CHECK(got.error().why.code == errc::token_unreadable);
    CHECK(got.error().why.detail.find(where.token_path) != std::string::npos);
    testing::write_pem_file(where.token_path, "first");
    const auto later = co_await api.send(endpoints_call(), soon());
    CHECK(later.has_value());
  });
}

TEST_CASE("K20: a swapped token and CA are noticed within a minute", "[kubernetes]") {
  account files;
  files.swap("one", "ca one");
  const base::time_point start = base::steady::now();
  kubernetes::rotated_file token(files.folder / "..data" / "token");
  CHECK(token.refresh(start).value());
  files.swap("two", "ca two");
  CHECK_FALSE(token.refresh(start + 59s).value());
  CHECK(token.text().reveal() == "one");
  CHECK(token.refresh(start + 60s).value());
  CHECK(token.text().reveal() == "two");
  token.expire();
  CHECK_FALSE(token.refresh(start + 61s).value());
}

TEST_CASE("K20: while the file is away the last text stays in use", "[kubernetes]") {
  account files;
  files.swap("one", "");
  const base::time_point start = base::steady::now();
  kubernetes::rotated_file token(files.folder / "..data" / "token");
  REQUIRE(token.refresh(start).value());
  std::filesystem::remove(files.folder / "..data");
  CHECK_FALSE(token.refresh(start + 2min).value());
  CHECK(token.text().reveal() == "one");
}

TEST_CASE("K20: a new CA is trusted by the next connection", "[kubernetes]") {
  with_api(
      [](fake_kube_api& server, account& files, api_client& api) -> awaitable<void> {
        const testing::test_authority next;
        server.set_certificate(next.issue());
        server.drop_connections();
        const auto refused = co_await api.send(endpoints_call(), soon());
        REQUIRE(refused.has_error());
        files.swap("first", next.certificate_pem());
        const auto got = co_await api.send(endpoints_call(), soon());
        REQUIRE(got.has_value());
      },
      true);
}

TEST_CASE("the size of a StatefulSet is read", "[kubernetes]") {
  with_api([](fake_kube_api& server, account&, api_client& api) -> awaitable<void> {
    server.put(testing::statefulset("rmq", "rmq", 3));
    const auto set = co_await kubernetes::get_stateful_set(api, "rmq", soon());
    REQUIRE(set.has_value());
    CHECK(set->replicas == 3);
    server.forbid("statefulsets.apps");
    const auto refused = co_await kubernetes::get_stateful_set(api, "rmq", soon());
    CHECK(refused.error().why.code == errc::forbidden);
  });
}
