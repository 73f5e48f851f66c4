#pragma once

#include "agent/routes.hpp"
#include "agent/snapshot_store.hpp"
#include "async/awaitable.hpp"
#include "http/message.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace warren::agent {

enum class admin_endpoint { gate, found, join };

// What the admin socket serves beside all of endpoints(): README has the list.
struct admin_endpoint_help {
  admin_endpoint which;
  bool takes_orders;  // POST obeys, GET only says what would happen
  std::string_view path;
  std::string_view meaning;
};
const std::vector<admin_endpoint_help>& admin_endpoints();
// The list as README has it.
std::string admin_endpoints_markdown();

// Answers the requests of the admin socket. An order is written into the snapshot, where the next
// decision finds it.
class admin_routes {
 public:
  admin_routes(snapshot_store& store, routes& read_only, domain::formation_settings rules);

  async::awaitable<http::reply> answer(const http::request& request);

 private:
  http::reply order(const http::request& request, const domain::overrule& wanted);

  snapshot_store& store_;
  routes& read_only_;
  domain::formation_settings rules_;
};

}  // namespace warren::agent
