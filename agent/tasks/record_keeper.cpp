#include "agent/tasks/record_keeper.hpp"

#include "agent/record_text.hpp"

#include <algorithm>
#include <utility>

namespace warren::agent {
namespace {

constexpr base::duration quick_for = std::chrono::minutes(1);

base::result<domain::record_view> view_of(const kubernetes::stored_record& stored) {
  domain::record_view view;
  if (stored.lease) view.resource_version = stored.lease->resource_version;
  if (!stored.text) return view;
  base::result<domain::cluster_record> record = decode_record(*stored.text);
  if (!record) return record.error();
  view.record = std::move(*record);
  return view;
}

}  // namespace

record_keeper::record_keeper(kubernetes::api_client& api, snapshot_store& store,
                             record_keeper_settings settings)
    : api_(api),
      store_(store),
      settings_(std::move(settings)),
      place_{.lease = settings_.service + "-record", .annotation = "warren/record"},
      look_(api.executor()) {}

async::awaitable<void> record_keeper::run() {
  base::time_point hurried_since = base::steady::now();
  for (;;) {
    const base::time_point began = base::steady::now();
    co_await read();
    const snapshot& s = store_.current();
    if (!s.hurry) hurried_since = base::steady::now();
    const auto& record = s.formation.record;
    const bool settled = record.current() && record.value->record && record.value->record->founded;
    // A founding or a change of members that could not be written is to be written soon.
    base::duration pause = settled ? settings_.calm : settings_.slower;
    if (s.hurry) pause = began - hurried_since < quick_for ? settings_.hurried : settings_.slower;
    co_await look_.wait_until(began + pause);
  }
}

async::awaitable<void> record_keeper::read() {
  const base::time_point asked = base::steady::now();
  auto answer = co_await kubernetes::get_record(api_, place_, asked + settings_.request_timeout);
  if (asked < wrote_at_) co_return;
  if (!answer) {
    note(answer.error().why, asked);
    co_return;
  }
  stored_ = std::move(*answer);
  read_once_ = true;
  note(view_of(stored_), asked);
}

void record_keeper::note(const base::result<domain::record_view>& seen, base::time_point asked) {
  const base::time_point now = base::steady::now();
  const bool denied = !seen && permission_.refused(seen.error().code, now);
  if (seen) permission_.granted();
  const bool granted_again = seen && std::exchange(denied_, denied);
  denied_ = denied_ || denied;
  store_.change(now, [&](snapshot& s) {
    if (seen) {
      s.formation.record.saw(*seen, asked);
    } else {
      s.formation.record.failed(seen.error());
    }
    if (!denied && !granted_again) return;
    s.formation.leases = granted_again;
    // A lock without Leases is another one than one with them.
    s.formation.lock_until.reset();
    s.formation.lock_taken_at.reset();
  });
}

async::awaitable<base::result<void>> record_keeper::write(domain::cluster_record record,
                                                          base::time_point deadline) {
  const std::string version = stored_.lease ? stored_.lease->resource_version : "";
  const domain::formation_view& view = store_.current().formation;
  // What was decided from must be what the write is compared with.
  if (!read_once_ || !view.record.value || view.record.value->resource_version != version) {
    look_now();
    co_return base::failure(
        boost::system::errc::make_error_code(boost::system::errc::operation_would_block),
        "the record is being read");
  }
  auto answer =
      co_await kubernetes::put_record(api_, place_, stored_, encode_record(record), deadline);
  wrote_at_ = base::steady::now();
  if (!answer) {
    note(answer.error().why, wrote_at_);
    look_now();
    co_return answer.error().why;
  }
  stored_ = std::move(*answer);
  const base::result<domain::record_view> written = view_of(stored_);
  note(written, wrote_at_);
  if (!written) co_return written.error();
  store_.change(wrote_at_,
                [&](snapshot& s) { s.formation.written_version = written->resource_version; });
  co_return base::result<void>();
}

}  // namespace warren::agent
