#pragma once

#include "async/awaitable.hpp"
#include "base/result.hpp"
#include "erldist/connect.hpp"

#include <functional>

namespace warren::agent {

// What is done over a connection of its own; the connection lasts until it has ended.
using broker_work = std::function<async::awaitable<base::result<void>>(erldist::connection&)>;

// Connects to a node, does `work`, and closes the connection: for the rare acts of formation, which
// must not be cut short by the end of the link that looks. Fails as connect() does, or as `work`
// does; a connection that breaks fails the calls in `work`. `work` must end by a deadline of its
// own. Cancellation ends both.
async::awaitable<base::result<void>> with_broker(erldist::connect_target target,
                                                 erldist::connect_limits limits, broker_work work);

}  // namespace warren::agent
