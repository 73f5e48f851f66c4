#include "agent/tasks/peers_file_writer.hpp"

#include "agent/log.hpp"
#include "agent/tasks/run_command.hpp"
#include "base/file.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace warren::agent {
namespace {
// A file of this size names more than 10,000 peers.
constexpr std::size_t largest_file = std::size_t{4} << 20;

bool lists(const domain::peer_list& list, const std::string& node) {
  return std::ranges::find(list.peers, node, &domain::peer::node) != list.peers.end();
}

// With the gate the file is for others.
void allow_start(snapshot& s) {
  if (!s.gate_mode) s.may_start = true;
}

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
    store_.change(base::steady::now(), [](snapshot& s) { allow_start(s); });
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
  const domain::world_view& world = store_.current().world;
  if (!world.peers.value) return true;
  const domain::peer_list& peers = *world.peers.value;
  const std::optional<std::string> text = format_peers(peers, settings_.format);
  if (!text) return true;
  // A broker that is not in its own list waits for none of the others and founds a cluster alone.
  if (settings_.format == peers_format::rabbitmq && !lists(peers, world.node)) {
    tell_problem(world.node + " is not among the peers, of which the first is " +
                 peers.peers.front().node +
                 "; K8S_ADDRESS_TYPE, K8S_HOSTNAME_SUFFIX and RABBITMQ_USE_LONGNAME must give the "
                 "broker's own name");
    return true;
  }
  const base::result<std::string> old = base::read_file(settings_.path, largest_file);
  base::result<void> written;
  if (!old.has_value() || *old != *text) {
    written = base::write_file_atomically(settings_.path, *text);
    ++(written ? counters_.written : counters_.failed);
    command_due_ = written.has_value() && !settings_.command.empty();
  }
  if (written.has_error()) {
    tell_problem(written.error().text() + "; its folder must be writable");
    return false;
  }
  store_.change(base::steady::now(), [](snapshot& s) {
    s.peers_file_problem.clear();
    allow_start(s);
  });
  return true;
}

void peers_file_writer::tell_problem(const std::string& text) {
  if (store_.current().peers_file_problem == text) return;
  log(log_level::warning, "the peer file is not written: " + text);
  store_.change(base::steady::now(), [&text](snapshot& s) { s.peers_file_problem = text; });
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
