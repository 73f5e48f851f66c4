#pragma once

#include "async/awaitable.hpp"
#include "http/client.hpp"
#include "kubernetes/in_cluster.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace warren::kubernetes {

enum class verb { get, list, watch, create, update, patch };
std::string_view to_string(verb v);

// One request to the API server. The texts go into failures, so they name what a person can act on.
struct api_call {
  verb what = verb::get;
  std::string target;                                       // path and query, percent-encoded
  std::string body;                                         // JSON: create, update, patch
  std::string patch_type = "application/merge-patch+json";  // patch
  std::string resource;  // "endpointslices.discovery.k8s.io", as in a Role
  std::string object;    // "of service rabbitmq in namespace shop"
  std::string needs;     // "list and watch": the verbs a Role must grant
};

// Why a call gave no 2xx answer. The code is kubernetes::errc for what the server said, http::errc
// for what the connection did.
struct api_failure {
  base::failure why;
  int status = 0;                             // 0: no answer
  std::optional<base::duration> retry_after;  // as asked by the server, at most five minutes
  // 404: the object that is not there, "leases/rmq-formation", as the server's Status names it.
  // Empty if there was no such Status: then nothing is known of the object.
  std::string missing;
};
[[noreturn]] void throw_exception_from_error(const api_failure& f,
                                             const boost::source_location& where);

template <class T>
using api_result = boost::system::result<T, api_failure>;

struct api_counters {
  // Requests by verb and status; 0 stands for "no answer". A 401 that was tried again counts twice.
  std::map<std::pair<verb, int>, std::uint64_t> requests;
  std::uint64_t token_reads = 0;  // times the token's text has changed, the first one included
};

// Calls one API server with the pod's token, which is read again each minute and at once after a
// 401 (then the call is made once more). The CA is read again each minute and after a certificate
// was rejected. May be used by several
// coroutines. A call ends by its deadline. Single-threaded.
class api_client {
 public:
  // `user_agent`: "warren/0.1.0".
  api_client(async::asio::any_io_executor executor, in_cluster where, std::string user_agent);

  // Ends with the whole response, whose status is 2xx.
  async::awaitable<api_result<http::response>> send(api_call call, base::time_point deadline);
  // Ends with the response's header, whose status is 2xx; the body follows.
  async::awaitable<api_result<http::body_stream>> stream(api_call call, base::time_point deadline);

  [[nodiscard]] const async::asio::any_io_executor& executor() const { return executor_; }
  [[nodiscard]] const in_cluster& where() const { return where_; }
  [[nodiscard]] const api_counters& counters() const { return counters_; }
  // The text of the latest Warning header (a deprecation), empty if there was none.
  [[nodiscard]] const std::string& last_warning() const { return last_warning_; }

 private:
  base::result<http::outgoing> prepare(const api_call& call);
  base::result<void> refresh_credentials();
  void note(const api_call& call, const http::response& answer);
  api_failure no_answer(const api_call& call, const base::failure& why);

  async::asio::any_io_executor executor_;
  in_cluster where_;
  std::string user_agent_;
  http::client http_;
  rotated_file token_;
  rotated_file ca_;
  api_counters counters_;
  std::string last_warning_;
};

// The failure for an answer that is not 2xx: names the call, the server's own words and the cure.
api_failure status_failure(const api_call& call, const http::response& answer);

}  // namespace warren::kubernetes
