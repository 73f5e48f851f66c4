#include "agent/tasks/peers_file_writer.hpp"

#include "agent/log.hpp"
#include "agent/tasks/run_command.hpp"
#include "base/file.hpp"

#include <utility>

namespace warren::agent {
namespace {
// A file of this size names more than 10,000 peers.
constexpr std::size_t largest_file = std::size_t{4} << 20;
}  // namespace

peers_file_writer::peers_file_writer(const boost::asio::any_io_executor& executor,
                                     snapshot_store& store, peers_file_settings settings)
    : store_(store), settings_(std::move(settings)), changed_(executor) {
  store_.on_change([this](const snapshot& s) {
    if (s.peers_revision != seen_revision_) changed_.notify();
  });
}

async::awaitable<void> peers_file_writer::run() {
  // What an earlier agent of this pod wrote is good to start by, should the API server be away now.
  const base::result<std::string> earlier = base::read_file(settings_.path, largest_file);
  if (earlier && !earlier->empty()) {
    store_.change(base::steady::now(), [](snapshot& s) { s.may_start = true; });
  }
  for (;;) {
    const bool done = write_if_changed();
    if (std::exchange(command_due_, false)) co_await tell_command();
    if (done) {
      co_await changed_.wait_until(base::time_point::max());
    } else {
      co_await changed_.wait_for(settings_.retry);
    }
  }
}

bool peers_file_writer::write_if_changed() {
  seen_revision_ = store_.current().peers_revision;
  const std::optional<domain::peer_list>& peers = store_.current().world.peers.value;
  if (!peers) return true;
  const std::optional<std::string> text = format_peers(*peers, settings_.format);
  if (!text) return true;
  const base::result<std::string> old = base::read_file(settings_.path, largest_file);
  base::result<void> written;
  if (!old.has_value() || *old != *text) {
    written = base::write_file_atomically(settings_.path, *text);
    ++(written ? counters_.written : counters_.failed);
    command_due_ = written.has_value() && !settings_.command.empty();
  }
  const bool had_failed = store_.current().peers_file_error.has_value();
  store_.change(base::steady::now(), [&](snapshot& s) {
    s.peers_file_error = written ? std::nullopt : std::optional(written.error());
    if (written) s.may_start = true;
  });
  if (!written && !had_failed) {
    log(log_level::warning, "the peer file is not written: " + written.error().text() +
                                "; its folder must be writable");
  }
  return written.has_value();
}

async::awaitable<void> peers_file_writer::tell_command() {
  const auto deadline = base::steady::now() + settings_.command_timeout;
  const base::result<void> told = co_await run_command(settings_.command, deadline);
  if (told) co_return;
  ++counters_.commands_failed;
  const base::failure& why = told.error();
  const bool ended_badly = why.code == boost::system::errc::operation_canceled;
  log(log_level::warning, "the command after a change of the peer file failed: " +
                              (ended_badly ? why.detail : why.text()));
}

}  // namespace warren::agent
