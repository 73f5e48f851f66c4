#pragma once

#include "base/result.hpp"
#include "etf/term.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace warren::erldist {

// A message to a process: SEND and SEND_SENDER.
struct process_message {
  etf::pid to;
  etf::term payload;
};

// A message to a registered name: REG_SEND.
struct name_message {
  etf::pid from;
  std::string to;
  etf::term payload;
};

// Everything else: links, monitors, exits, operations of a later OTP. It concerns processes that a
// hidden node without processes does not have.
struct other_message {
  int operation = 0;  // 0: not even a control message
};

using message = std::variant<process_message, name_message, other_message>;

// Reads the content of a frame that is no tick. Fails with an errc of etf if a term in it is
// broken. Total.
base::result<message> decode_message(std::string_view frame);

// Append a whole frame with that message.
void append_message(std::string& out, const process_message& m);
void append_message(std::string& out, const name_message& m);

}  // namespace warren::erldist
