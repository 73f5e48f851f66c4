#include "tests/support/broker_views.hpp"

namespace warren::testing {

domain::broker_view broker_without_link(domain::link_state state, base::time_point now) {
  domain::broker_view broker;
  broker.link.state = state;
  broker.link.since = now;
  return broker;
}

domain::broker_view booting_broker(base::time_point now) {
  domain::broker_view broker = broker_without_link(domain::link_state::connected, now);
  broker.link.last_answer = now;
  broker.link.creation = 7;
  broker.boot.saw(domain::boot_state::booting, now);
  return broker;
}

domain::broker_view healthy_broker(base::time_point now) {
  domain::broker_view broker = booting_broker(now);
  broker.version = "4.3.6";
  broker.boot.saw(domain::boot_state::ready, now);
  broker.paused.saw(false, now);
  broker.draining.saw(false, now);
  broker.alarms.saw({}, now);
  const domain::listener amqp{"amqp", "::", 5672};
  const domain::listener http{"http", "::", 15672};
  broker.listeners.saw({amqp, http}, now);
  broker.ports.saw({{amqp, true, ""}, {http, true, ""}}, now);
  const std::vector<std::string> members{"rabbit@rmq-0", "rabbit@rmq-1", "rabbit@rmq-2"};
  broker.cluster.saw({members, members, {}}, now);
  return broker;
}

}  // namespace warren::testing
