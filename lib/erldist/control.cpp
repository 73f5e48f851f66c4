#include "erldist/control.hpp"

#include "erldist/frame.hpp"
#include "etf/decode.hpp"
#include "etf/encode.hpp"
#include "etf/match.hpp"

#include <limits>
#include <utility>

namespace warren::erldist {
namespace {

// The only form without an atom cache: two terms, each with its version byte.
constexpr char pass_through = 112;

// Control message operations ("Protocol between connected nodes").
constexpr int op_send = 2;
constexpr int op_reg_send = 6;
constexpr int op_send_sender = 22;

void append_frame(std::string& out, const etf::term& control, const etf::term& payload) {
  const std::size_t begun = begin_frame(out);
  out += pass_through;
  etf::append(out, control);
  etf::append(out, payload);
  end_frame(out, begun);
}

}  // namespace

base::result<message> decode_message(std::string_view frame) {
  if (frame.empty() || frame.front() != pass_through) return message(other_message{});
  frame.remove_prefix(1);
  const auto control = etf::decode_front(frame, {.bytes = frame.size()});
  if (!control) return control.error();
  const auto* fields = etf::as_tuple(*control);
  const auto operation =
      fields && !fields->empty() ? etf::as_integer(fields->front()) : std::nullopt;
  if (!operation || *operation < 0 || *operation > std::numeric_limits<int>::max()) {
    return message(other_message{});
  }
  const auto code = static_cast<int>(*operation);
  if ((code == op_send || code == op_send_sender) && fields->size() == 3) {
    if (const etf::pid* to = etf::as_pid((*fields)[2])) {
      auto payload = etf::decode_front(frame, {.bytes = frame.size()});
      if (!payload) return payload.error();
      return message(process_message{*to, std::move(*payload)});
    }
  }
  if (code == op_reg_send && fields->size() == 4) {
    const etf::pid* from = etf::as_pid((*fields)[1]);
    const auto to = etf::as_atom((*fields)[3]);
    if (from && to) {
      auto payload = etf::decode_front(frame, {.bytes = frame.size()});
      if (!payload) return payload.error();
      return message(name_message{*from, std::string(*to), std::move(*payload)});
    }
  }
  return message(other_message{code});
}

void append_message(std::string& out, const process_message& m) {
  append_frame(out, etf::tuple_of(op_send, etf::atom(), m.to), m.payload);
}

void append_message(std::string& out, const name_message& m) {
  append_frame(out, etf::tuple_of(op_reg_send, m.from, etf::atom(), etf::atom(m.to)), m.payload);
}

}  // namespace warren::erldist
