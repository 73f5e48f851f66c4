#pragma once

#include "agent/peers_file.hpp"
#include "agent/snapshot_store.hpp"
#include "async/awaitable.hpp"
#include "async/wakeup.hpp"

#include <string>
#include <vector>

namespace warren::agent {

struct peers_file_settings {
  std::string path;
  peers_format format = peers_format::rabbitmq;
  std::vector<std::string> command;  // run after each change; empty: none
  base::duration command_timeout = std::chrono::seconds(30);
  base::duration retry = std::chrono::seconds(2);  // after a failed write
};

struct peers_file_counters {
  std::size_t written = 0;
  std::size_t failed = 0;
  std::size_t commands_failed = 0;
};

// Keeps the peer file equal to the peers in the store: replaced atomically when its text changes,
// left alone when the peers are not known or there is nothing safe to write. Once there is a file,
// be it an earlier agent's, the snapshot says may_start, unless there is a gate. Owner: the worker;
// must outlive run().
class peers_file_writer {
 public:
  peers_file_writer(const boost::asio::any_io_executor& executor, snapshot_store& store,
                    peers_file_settings settings);

  // Ends only by cancellation.
  async::awaitable<void> run();
  [[nodiscard]] const peers_file_counters& counters() const { return counters_; }

 private:
  bool write_if_changed();                     // false if it has to be tried again
  void tell_problem(const std::string& text);  // once
  async::awaitable<void> tell_command();

  snapshot_store& store_;
  peers_file_settings settings_;
  async::wakeup changed_;
  std::uint64_t seen_revision_ = 0;
  peers_file_counters counters_;
  bool command_due_ = false;
};

}  // namespace warren::agent
