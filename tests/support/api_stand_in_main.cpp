// A small stand-in for a Kubernetes API server, for the demo and the Python tests: serves the
// objects of a file and prints each Event that is written to it as one line of JSON.
#include "base/file.hpp"
#include "tests/support/fake_kube_api.hpp"
#include "tests/support/object_file.hpp"
#include "tests/support/test_certificates.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <nlohmann/json.hpp>

#include <csignal>
#include <exception>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>

namespace {

namespace asio = warren::async::asio;
namespace base = warren::base;
using namespace warren::testing;

struct options {
  std::string listen = "127.0.0.1:0";
  std::string tls_dir;
  std::string token;
  std::string port_file;
  std::string state_file;
};

// Writes DIR/ca.crt, the authority that signed what is returned.
certificate certificate_for(const std::string& address, const std::string& dir) {
  certificate_request request;
  request.common_name = "kube-apiserver";
  request.names = {"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"};
  request.addresses = {address, "127.0.0.1", "::1"};
  request.valid_for = std::chrono::hours(24 * 365);
  const test_authority authority("api-stand-in");
  std::filesystem::create_directories(dir);
  write_pem_file(dir + "/ca.crt", authority.certificate_pem());
  return authority.issue(request);
}

fake_kube_settings settings_from(const options& given) {
  fake_kube_settings out;
  const std::size_t colon = given.listen.rfind(':');
  if (colon == std::string::npos) throw std::invalid_argument("--listen wants ADDRESS:PORT");
  out.address = given.listen.substr(0, colon);
  if (out.address.starts_with('[')) out.address = out.address.substr(1, out.address.size() - 2);
  const unsigned long port = std::stoul(given.listen.substr(colon + 1));
  if (port > 65535) throw std::invalid_argument("--listen wants a port up to 65535");
  out.port = static_cast<std::uint16_t>(port);
  if (!given.token.empty()) out.tokens = {given.token};
  if (!given.tls_dir.empty()) out.tls = certificate_for(out.address, given.tls_dir);
  return out;
}

warren::async::awaitable<void> follow_signals(fake_kube_api& api, object_file& state) {
  asio::signal_set signals(co_await asio::this_coro::executor, SIGHUP, SIGTERM, SIGINT);
  for (;;) {
    const int signal = co_await signals.async_wait(warren::async::use_awaitable);
    if (signal != SIGHUP) co_return;
    const base::result<void> applied = state.apply(api);
    if (!applied) std::cerr << "api_stand_in: unchanged: " << applied.error().text() << std::endl;
  }
}

void run(const options& given) {
  asio::io_context context(1);
  fake_kube_api api(context.get_executor(), settings_from(given));
  api.on_event([](const nlohmann::json& event) { std::cout << event.dump() << std::endl; });
  object_file state(given.state_file);
  state.apply(api).value();
  asio::co_spawn(context, follow_signals(api, state), [&context](const std::exception_ptr& error) {
    context.stop();
    if (error) std::rethrow_exception(error);
  });
  // The signals have their handlers once the first tasks have run; who reads the port may send one.
  context.poll();
  base::write_file_atomically(given.port_file, std::to_string(api.port()) + "\n").value();
  context.run();
}

}  // namespace

int main(int argc, char** argv) {
  options given;
  CLI::App app("A small stand-in for a Kubernetes API server; SIGHUP reads the state file again");
  app.add_option("--listen", given.listen, "ADDRESS:PORT; port 0 takes a free one");
  app.add_option("--tls-dir", given.tls_dir, "serve TLS and write ca.crt into this folder");
  app.add_option("--token", given.token, "the one bearer token that is right; without, any is");
  app.add_option("--port-file", given.port_file, "written once it listens")->required();
  app.add_option("--state", given.state_file, "a JSON array of objects")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    run(given);
  } catch (const std::exception& e) {
    std::cerr << "api_stand_in: " << e.what() << std::endl;
    return 1;
  }
  return 0;
}
