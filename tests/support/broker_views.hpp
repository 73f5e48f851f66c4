#pragma once

#include "agent/domain/broker.hpp"

namespace warren::testing {

// A broker that runs well, everything seen at `now`: amqp and http, three members.
domain::broker_view healthy_broker(base::time_point now);

// The same broker before it has booted: it answers, and nothing else is known of it.
domain::broker_view booting_broker(base::time_point now);

// A link that does not lead to the broker.
domain::broker_view broker_without_link(domain::link_state state, base::time_point now);

}  // namespace warren::testing
