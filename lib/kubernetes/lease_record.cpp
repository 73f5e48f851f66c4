#include "kubernetes/lease_record.hpp"

#include <utility>

namespace warren::kubernetes {
namespace {

stored_record record_of(std::optional<lease> l, const std::string& annotation) {
  stored_record out;
  if (l) {
    const auto found = l->annotations.find(annotation);
    if (found != l->annotations.end()) out.text = found->second;
  }
  out.lease = std::move(l);
  return out;
}

}  // namespace

async::awaitable<api_result<stored_record>> get_record(api_client& api, record_place place,
                                                       base::time_point deadline) {
  api_result<std::optional<lease>> got = co_await get_lease(api, place.lease, deadline);
  if (!got) co_return got.error();
  co_return record_of(std::move(*got), place.annotation);
}

async::awaitable<api_result<stored_record>> put_record(api_client& api, record_place place,
                                                       stored_record before, std::string text,
                                                       base::time_point deadline) {
  const bool exists = before.lease.has_value();
  lease next = std::move(before.lease).value_or(lease());
  next.name = place.lease;
  next.annotations[place.annotation] = std::move(text);
  api_result<lease> written = api_failure();
  if (exists) {
    written = co_await update_lease(api, std::move(next), deadline);
  } else {
    written = co_await create_lease(api, std::move(next), deadline);
  }
  if (!written) co_return written.error();
  co_return record_of(std::move(*written), place.annotation);
}

}  // namespace warren::kubernetes
