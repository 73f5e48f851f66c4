#include "agent/tasks/broker_call.hpp"

#include "async/beside.hpp"

#include <utility>

namespace warren::agent {
namespace {

// Bytes: all quorum queues of a cluster are told in one answer.
constexpr std::size_t largest_frame = std::size_t{64} << 20;

async::awaitable<void> keep(erldist::connection& link) {
  co_await link.run();
}

}  // namespace

async::awaitable<base::result<void>> with_broker(erldist::connect_target target,
                                                 erldist::connect_limits limits, broker_work work) {
  erldist::connection_settings settings;
  settings.largest_frame = largest_frame;
  auto link = co_await erldist::connect(std::move(target), limits, settings);
  if (!link) co_return link.error();
  // The task uses the connection, which goes with this coroutine.
  co_return co_await async::beside("keep the connection", keep(**link), work(**link));
}

}  // namespace warren::agent
