#include "tests/simulation/api_server.hpp"

#include "tests/simulation/world.hpp"

#include <memory>
#include <utility>

namespace warren::simulation {
namespace {

using namespace std::chrono_literals;

constexpr duration deadline = 3s;

}  // namespace

void api_server::request(int from, std::function<api_answer()> serve,
                         std::function<void(const api_answer&)> reply) {
  const plan& p = w_.the;
  dice& luck = w_.luck;
  const auto fail = [this, reply](duration wait, std::string why) {
    w_.time.after(wait, [reply, why = std::move(why)] { reply({.detail = why}); });
  };
  if (!w_.net.reaches_api(from)) {
    // What was sent may still be in a buffer when the server comes back.
    if (luck.chance(0.2)) w_.time.after(luck.between(0ms, 30s), [serve] { serve(); });
    const bool refused = luck.chance(0.5);
    fail(refused ? 1ms : deadline, refused ? "connection refused" : "timeout");
    return;
  }
  if (luck.chance(p.refused)) {
    fail(luck.between(1ms, p.latency), "500");
    return;
  }
  if (luck.chance(p.late)) {
    w_.time.after(luck.chance(0.3) ? luck.between(0ms, deadline) : luck.between(1s, 40s),
                  [serve] { serve(); });
    fail(deadline, "timeout");
    return;
  }
  const duration there = luck.between(500us, p.latency);
  const duration back = luck.between(500us, p.latency);
  w_.time.after(there, [this, serve = std::move(serve), reply = std::move(reply), back] {
    auto answer = std::make_shared<api_answer>(serve());
    w_.time.after(back, [answer, reply] { reply(*answer); });
  });
}

bool api_server::forbids_leases() const {
  return !w_.the.leases || leases_forbidden > 0;
}

api_answer api_server::get(lease_name which) const {
  if (forbids_leases()) return {api_code::forbidden, {}, "403"};
  const std::optional<lease>& found = which == lease_name::lock ? lock_ : record_;
  if (!found) return {api_code::not_found, {}, "404"};
  return {api_code::ok, found, {}};
}

void api_server::erase(lease_name which) {
  at(which).reset();
  if (which == lease_name::record) last_members_.clear();
}

api_answer api_server::put(lease_name which, lease what) {
  if (what.record && what.record->founded) last_members_ = what.record->members;
  what.version = ++last_version_;
  at(which) = std::move(what);
  return {api_code::ok, at(which), {}};
}

api_answer api_server::create(lease_name which, lease what) {
  if (forbids_leases()) return {api_code::forbidden, {}, "403"};
  if (at(which)) return {api_code::conflict, {}, "409"};
  return put(which, std::move(what));
}

api_answer api_server::update(lease_name which, lease what, long version) {
  if (forbids_leases()) return {api_code::forbidden, {}, "403"};
  if (!at(which)) return {api_code::not_found, {}, "404"};
  if (at(which)->version != version) return {api_code::conflict, {}, "409"};
  return put(which, std::move(what));
}

}  // namespace warren::simulation
