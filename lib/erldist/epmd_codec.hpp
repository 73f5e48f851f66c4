#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace warren::erldist {

// What EPMD knows of a node ("Erlang Distribution Protocol", PORT_PLEASE2_REQ and PORT2_RESP).
struct epmd_answer {
  std::uint16_t port = 0;      // of the node's distribution listener
  std::uint8_t node_type = 0;  // 77 is a normal node, 72 a hidden one
  std::uint16_t highest_version = 0;
  std::uint16_t lowest_version = 0;
};

// The request for the port of "rabbit" (the part of a node name before the @, at most 255 bytes).
std::string encode_port_request(std::string_view alive);

// The answer, once enough of it has come: nothing means that more bytes are needed. Fails with
// node_not_registered, or epmd_protocol for what EPMD would not send. Total.
base::result<std::optional<epmd_answer>> decode_port_answer(std::string_view bytes,
                                                            std::string_view alive);

}  // namespace warren::erldist
