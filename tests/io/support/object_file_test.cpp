#include "tests/support/object_file.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/kube_objects.hpp"
#include "tests/support/run_coroutine.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

using namespace warren;
using namespace warren::testing;
using async::awaitable;
using nlohmann::json;

namespace {

class temporary_file {
 public:
  temporary_file()
      : path_(std::filesystem::temp_directory_path() /
              ("object_file_test." + std::to_string(::getpid()))) {}
  ~temporary_file() { std::filesystem::remove(path_); }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;

  void write(const std::string& text) const { std::ofstream(path_) << text; }
  [[nodiscard]] std::string path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("an object file's changes become the API's, and clients' objects stay", "[fake_kube]") {
  run_coroutine([]() -> awaitable<void> {
    fake_kube_api api(co_await async::asio::this_coro::executor);
    const temporary_file file;
    object_file objects(file.path());
    const json a = endpoint_slice("a", "rabbitmq", {{"rabbitmq-0", "10.0.0.1"}});
    const json b = lease("b", "nobody");
    file.write(json::array({a, b}).dump());
    REQUIRE(objects.apply(api).has_value());
    const auto find = [&api](const std::string& name) {
      return api.find("leases.coordination.k8s.io", "default", name);
    };
    CHECK(find("b")["spec"]["holderIdentity"] == "nobody");

    // A client takes the lease and makes another.
    api.put(lease("b", "somebody"));
    api.put(lease("c", "somebody"));
    auto version = api.version();
    REQUIRE(objects.apply(api).has_value());
    CHECK(api.version() == version);
    CHECK(find("b")["spec"]["holderIdentity"] == "somebody");

    file.write(json::array({b}).dump());
    REQUIRE(objects.apply(api).has_value());
    CHECK(api.find("endpointslices.discovery.k8s.io", "default", "a").is_null());
    CHECK(find("c")["spec"]["holderIdentity"] == "somebody");
    CHECK(api.version() == version + 1);

    for (const char* bad : {"", "7", "[7]", "[{\"apiVersion\":\"v1\",\"kind\":\"Node\"}]"}) {
      CAPTURE(bad);
      file.write(bad);
      CHECK_FALSE(objects.apply(api).has_value());
      CHECK(api.version() == version + 1);
    }
  });
}
