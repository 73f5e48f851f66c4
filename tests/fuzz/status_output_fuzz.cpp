#include "agent/commands/gate_output.hpp"
#include "agent/commands/status_output.hpp"

#include <cstddef>
#include <cstdint>

// Whatever an agent answers, the commands print something or say that they cannot. The bytes are
// the list of peers, the gate, and the status of two nodes, one of them known by its own name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace warren::agent;
  const std::string body(reinterpret_cast<const char*>(data), size);
  show_gate(body);
  read_nodes(body);
  const listed_node self{.node = node_of_status(body), .pod = "", .ready = "-", .addresses = {}};
  const listed_node other{.node = "rabbit@b", .pod = "b", .ready = "yes", .addresses = {}};
  const std::vector<node_answer> nodes{{.who = self, .body = body, .error = ""},
                                       {.who = other, .body = body, .error = ""}};
  show_status(nodes, status_output::table);
  show_status(nodes, status_output::json);
  return 0;
}
