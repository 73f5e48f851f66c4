#pragma once

#include "async/awaitable.hpp"
#include "tests/support/fake_kube_faults.hpp"
#include "tests/support/test_certificates.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace warren::testing {

struct fake_kube_settings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  std::optional<certificate> tls = {};   // empty: plain HTTP
  std::vector<std::string> tokens = {};  // right bearer tokens; none: all are welcome
  base::duration bookmark_interval = std::chrono::minutes(1);
};

struct recorded_request {
  std::string method;
  std::string verb;  // get, list, watch, create, update, patch, delete
  std::string path;
  std::map<std::string, std::string> query;
  std::map<std::string, std::string> headers;  // names in lower case, without authorization
  std::string body;
  std::size_t connection = 0;  // the first is 1
  base::time_point at;
};

// A Kubernetes API server in this process, which misbehaves on request: objects under one growing
// resourceVersion, list with selectors and pages, watch with bookmarks, create, update, patch,
// delete, and Kubernetes' own Status texts. Knows endpointslices, endpoints, events (both groups,
// kept apart), leases, statefulsets, pods, persistentvolumeclaims and services.
//
// Resources are named as in Kubernetes' messages: "endpoints", "endpointslices.discovery.k8s.io".
// Serves from construction to destruction on the executor's thread, which is the caller's too;
// its tasks end on the next turns of the executor after that.
class fake_kube_api {
 public:
  // Throws system_error if it cannot listen, or if the certificate is unusable.
  explicit fake_kube_api(const async::asio::any_io_executor& executor,
                         fake_kube_settings settings = {});
  ~fake_kube_api();
  fake_kube_api(const fake_kube_api&) = delete;
  fake_kube_api& operator=(const fake_kube_api&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string url() const;  // "https://127.0.0.1:41234"

  // Objects. put() creates or replaces, by apiVersion, kind, metadata.namespace ("default" if it
  // has none) and metadata.name, and returns what is stored; watchers learn of it.
  nlohmann::json put(const nlohmann::json& object);
  bool remove(const std::string& resource, const std::string& name_space, const std::string& name);
  // Null if it is not there.
  [[nodiscard]] nlohmann::json find(const std::string& resource, const std::string& name_space,
                                    const std::string& name) const;
  [[nodiscard]] std::uint64_t version() const;
  // Older versions are gone: watches and pages from them get 410.
  void compact();

  // What clients did.
  [[nodiscard]] const std::deque<recorded_request>& requests() const;  // the last 10,000
  [[nodiscard]] std::size_t count(const std::string& verb, const std::string& path_prefix) const;
  [[nodiscard]] const std::vector<nlohmann::json>& events() const;  // each accepted write of one
  void on_event(std::function<void(const nlohmann::json&)> tell);
  [[nodiscard]] std::size_t connections_accepted() const;
  [[nodiscard]] std::size_t connections_open() const;
  [[nodiscard]] std::size_t watches_open() const;

  // Credentials change.
  void set_tokens(std::vector<std::string> tokens);
  void set_certificate(const certificate& tls);  // for new connections

  // Misbehaviour of answers.
  void answer(scripted_answer with);
  void lose_answer(lost_answer to);
  void forbid(const std::string& resource, const std::string& verb = {});  // 403
  void permit(const std::string& resource, const std::string& verb = {});
  void lose_resource(const std::string& resource);  // its API group is not served: 404
  void slow(base::duration latency);                // before each answer
  void drip_header(base::duration interval);        // one byte at a time, without end
  void silence();                                   // takes requests, never answers
  void silence_handshake();                         // takes connections, never says a byte

  // Misbehaviour of watches: the next `times` that begin, or those that are open.
  void fail_watches(watch_fault how, std::size_t times = 1);
  void cut_watches_after(std::size_t bytes);  // each watch, after so many bytes of events
  void mute_watches();                        // open ones stay so, without events and bookmarks
  void repeat_events();                       // each twice
  void send_bookmarks_every(base::duration interval);  // each with a newer version
  void send_to_watches(const std::string& line);       // to the open ones, as it is
  void send_unknown_event();
  void end_watches();  // in good order, as at their timeout

  // Misbehaviour of connections.
  void drop_connections();  // closes all, in the middle of whatever they do
  void go_away();           // the same, and refuses new ones
  void come_back();         // on the same port

  // Ends every misbehaviour but go_away(). Silent connections stay silent.
  void behave();

 private:
  struct server;
  std::shared_ptr<server> server_;
};

}  // namespace warren::testing
