#include "tests/support/fake_kube_api.hpp"

#include "tests/support/fake_kube_connection.hpp"
#include "tests/support/rethrow.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <utility>

namespace warren::testing {
namespace {

namespace asio = async::asio;
using async::awaitable;
using nlohmann::json;
using tcp = asio::ip::tcp;

std::shared_ptr<asio::ssl::context> server_context(const certificate& tls) {
  auto out = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  out->use_certificate_chain(asio::buffer(tls.certificate_pem));
  out->use_private_key(asio::buffer(tls.key_pem), asio::ssl::context::pem);
  return out;
}

awaitable<void> serve(std::shared_ptr<fake_kube_connection> connection) {
  co_await connection->run();
}

}  // namespace

struct fake_kube_api::server : fake_kube_state {
  explicit server(const asio::any_io_executor& e) : executor(e), acceptor(e) {}

  asio::any_io_executor executor;
  tcp::acceptor acceptor;
  tcp::endpoint endpoint;
  std::shared_ptr<asio::ssl::context> tls;

  // A bound socket that does not listen keeps the port and refuses connections.
  void bind() {
    acceptor.open(endpoint.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind(endpoint);
    endpoint = acceptor.local_endpoint();
  }
  static void listen(const std::shared_ptr<server>& self) {
    self->acceptor.listen();
    asio::co_spawn(self->executor, accept(self), rethrow);
  }
  static awaitable<void> accept(std::shared_ptr<server> self) {
    for (;;) {
      auto [ec, socket] = co_await self->acceptor.async_accept(async::as_tuple);
      if (ec) co_return;
      socket.set_option(tcp::no_delay(true));
      auto connection = std::make_shared<fake_kube_connection>(self, std::move(socket), self->tls);
      std::erase_if(self->connections, [](const auto& weak) { return weak.expired(); });
      self->connections.push_back(connection);
      asio::co_spawn(self->executor, serve(std::move(connection)), rethrow);
    }
  }
  void close_connections() {
    for (const auto& connection : open_connections()) connection->close();
  }
};

fake_kube_api::fake_kube_api(const asio::any_io_executor& executor, fake_kube_settings settings)
    : server_(std::make_shared<server>(executor)) {
  server_->endpoint = tcp::endpoint(asio::ip::make_address(settings.address), settings.port);
  if (settings.tls) server_->tls = server_context(*settings.tls);
  server_->settings = std::move(settings);
  server_->bind();
  server::listen(server_);
}

fake_kube_api::~fake_kube_api() {
  server_->acceptor.close();
  server_->close_connections();
}

std::uint16_t fake_kube_api::port() const {
  return server_->endpoint.port();
}

std::string fake_kube_api::url() const {
  std::string host = server_->endpoint.address().to_string();
  if (server_->endpoint.address().is_v6()) host = "[" + host + "]";
  return (server_->tls ? "https://" : "http://") + host + ":" + std::to_string(port());
}

json fake_kube_api::put(const json& object) {
  kube_key key;
  key.resource = &kube_resource_of(object);
  key.name_space = object.value("/metadata/namespace"_json_pointer, "default");
  key.name = object.at("metadata").at("name");
  json stored = server_->store.put(key, object);
  server_->wake();
  return stored;
}

bool fake_kube_api::remove(const std::string& resource, const std::string& name_space,
                           const std::string& name) {
  const bool removed = server_->store.remove({&kube_resource_named(resource), name_space, name});
  server_->wake();
  return removed;
}

json fake_kube_api::find(const std::string& resource, const std::string& name_space,
                         const std::string& name) const {
  const json* found = server_->store.find({&kube_resource_named(resource), name_space, name});
  return found == nullptr ? json() : *found;
}

std::uint64_t fake_kube_api::version() const {
  return server_->store.version();
}

void fake_kube_api::compact() {
  server_->store.skip_version();
  server_->store.compact();
}

const std::deque<recorded_request>& fake_kube_api::requests() const {
  return server_->requests;
}

std::size_t fake_kube_api::count(const std::string& verb, const std::string& path_prefix) const {
  const auto fits = [&](const recorded_request& r) {
    return r.verb == verb && r.path.starts_with(path_prefix);
  };
  const auto& all = server_->requests;
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), fits));
}

const std::vector<json>& fake_kube_api::events() const {
  return server_->events;
}
void fake_kube_api::on_event(std::function<void(const json&)> tell) {
  server_->on_event = std::move(tell);
}
std::size_t fake_kube_api::connections_accepted() const {
  return server_->connections_accepted;
}
std::size_t fake_kube_api::connections_open() const {
  return server_->open_connections().size();
}
std::size_t fake_kube_api::watches_open() const {
  return server_->watches_open;
}

void fake_kube_api::set_tokens(std::vector<std::string> tokens) {
  server_->settings.tokens = std::move(tokens);
}
void fake_kube_api::set_certificate(const certificate& tls) {
  server_->tls = server_context(tls);
}

void fake_kube_api::answer(scripted_answer with) {
  server_->faults.answers.push_back(std::move(with));
}
void fake_kube_api::lose_answer(lost_answer to) {
  server_->faults.lost_answers.push_back(std::move(to));
}
void fake_kube_api::forbid(const std::string& resource, const std::string& verb) {
  server_->faults.forbidden.emplace(kube_resource_named(resource).qualified(), verb);
}
void fake_kube_api::permit(const std::string& resource, const std::string& verb) {
  server_->faults.forbidden.erase({resource, verb});
}
void fake_kube_api::lose_resource(const std::string& resource) {
  server_->faults.absent.insert(kube_resource_named(resource).qualified());
}
void fake_kube_api::slow(base::duration latency) {
  server_->faults.latency = latency;
}
void fake_kube_api::drip_header(base::duration interval) {
  server_->faults.drip = interval;
}
void fake_kube_api::silence() {
  server_->faults.silent = true;
}
void fake_kube_api::silence_handshake() {
  server_->faults.silent_in_handshake = true;
}

void fake_kube_api::fail_watches(watch_fault how, std::size_t times) {
  server_->faults.watches.push_back({how, times});
}
void fake_kube_api::cut_watches_after(std::size_t bytes) {
  server_->faults.cut_watch_after = bytes;
}
void fake_kube_api::mute_watches() {
  server_->faults.watches_muted = true;
  server_->wake();
}
void fake_kube_api::repeat_events() {
  server_->faults.events_repeated = true;
}
void fake_kube_api::send_bookmarks_every(base::duration interval) {
  server_->faults.bookmark_interval = interval;
  server_->wake();
}
void fake_kube_api::send_to_watches(const std::string& line) {
  server_->raw_lines.push_back(line);
  server_->wake();
}
void fake_kube_api::send_unknown_event() {
  send_to_watches("{\"type\":\"REPLACED\",\"object\":{\"kind\":\"Unknown\"}}\n");
}
void fake_kube_api::end_watches() {
  ++server_->watch_generation;
  server_->wake();
}

void fake_kube_api::drop_connections() {
  server_->close_connections();
}
void fake_kube_api::go_away() {
  server_->acceptor.close();
  server_->close_connections();
  server_->bind();
}
void fake_kube_api::come_back() {
  server::listen(server_);
}

void fake_kube_api::behave() {
  server_->faults = {};
  server_->wake();
}

}  // namespace warren::testing
