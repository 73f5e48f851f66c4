#include "tests/support/erlang_messages.hpp"

#include "erldist/bytes.hpp"
#include "erldist/handshake.hpp"

namespace warren::testing {
namespace {

using erldist::append_number;

std::string framed(std::string_view message) {
  std::string out;
  append_number(out, static_cast<std::uint16_t>(message.size()));
  out += message;
  return out;
}

}  // namespace

std::string epmd_answer_for(std::string_view alive, std::uint16_t port) {
  std::string out{"w\0", 2};
  append_number(out, port);
  out += std::string{"M\0\0\6\0\5", 6};  // a normal node over TCP, versions 6 to 5
  append_number(out, static_cast<std::uint16_t>(alive.size()));
  out += alive;
  out += std::string{"\0\0", 2};
  return out;
}

std::string status_message(std::string_view status) {
  return framed("s" + std::string(status));
}

std::string challenge_message(std::string_view name, std::uint32_t challenge,
                              std::uint32_t creation, std::uint64_t flags) {
  std::string message = "N";
  append_number(message, flags);
  append_number(message, challenge);
  append_number(message, creation);
  append_number(message, static_cast<std::uint16_t>(name.size()));
  message += name;
  return framed(message);
}

std::string acknowledgement_message(const base::secret& cookie, std::uint32_t challenge) {
  const auto digest = erldist::challenge_digest(cookie, challenge).value();
  return framed("a" + std::string(digest.begin(), digest.end()));
}

}  // namespace warren::testing
