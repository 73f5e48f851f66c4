#pragma once

#include "agent/domain/formation_types.hpp"
#include "base/result.hpp"
#include "rabbitmq/values.hpp"

namespace warren::agent {

domain::boot_state to_domain(rabbitmq::boot_state s);

// What a broker that answers says of itself.
domain::broker_facts facts_of(const rabbitmq::formation_facts& seen);

// Whether a failed attempt to connect shows that the broker does not run: EPMD refuses or does not
// know it. All else, a distribution port that refuses included, leaves that open.
bool shows_that_it_does_not_run(const base::failure& why);

}  // namespace warren::agent
