// What a broker answers to the questions and steps of formation, from its bytes to its meaning, by
// every parser: no input may throw.
#include "etf/decode.hpp"
#include "rabbitmq/parse_formation.hpp"
#include "rabbitmq/parse_steps.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace warren::rabbitmq;
  const auto answer = warren::etf::decode({reinterpret_cast<const char*>(data), size});
  if (!answer) return 0;
  const auto id = parse_cluster_id(*answer);
  if (id && id->size() > 255) std::abort();
  const auto folder = parse_folder(*answer);
  if (folder && !folder->starts_with('/')) std::abort();
  const auto number = parse_integer(*answer);
  if (number && parse_boolean(*answer)) std::abort();
  if (number) static_cast<void>(time_of(*number, *number, *number));
  static_cast<void>(parse_setting(*answer));
  static_cast<void>(parse_users(*answer));
  static_cast<void>(parse_vhosts(*answer));
  const auto length = parse_length(*answer);
  const auto exchanges = parse_own_exchanges(*answer);
  if (exchanges && (!length || exchanges->size() > *length)) std::abort();
  const auto table = parse_table_size(*answer);
  if (table && *table && **table < 0) std::abort();
  static_cast<void>(parse_vm_status(*answer));
  const auto outcomes = parse_queue_outcomes(*answer);
  if (outcomes) {
    for (const auto& outcome : *outcomes) {
      if (outcome.reason.size() > 310) std::abort();
    }
  }
  static_cast<void>(parse_selected_queues(*answer));
  static_cast<void>(parse_quorum_queues(*answer));
  static_cast<void>(parse_streams(*answer));
  const auto change = parse_raft_change(*answer);
  const auto step = parse_step(*answer);
  // Only `ok` with three elements is a change and no step.
  if (change && *change != raft_change::pending && !step) std::abort();
  if (step && step->reason.size() > 310) std::abort();
  static_cast<void>(parse_stream_reply("'s' in '/'", *answer));
  return 0;
}
