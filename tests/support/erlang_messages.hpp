#pragma once

#include "base/secret.hpp"

#include <cstdint>
#include <string>
#include <string_view>

// What EPMD and the accepting side of a handshake send, each with its length in front.
namespace warren::testing {

// The flags of a broker on OTP 25 to 27 (challenge of a visible node).
constexpr std::uint64_t broker_flags = 0xd07df7fbd;

std::string epmd_answer_for(std::string_view alive, std::uint16_t port);

std::string status_message(std::string_view status);
std::string challenge_message(std::string_view name, std::uint32_t challenge,
                              std::uint32_t creation, std::uint64_t flags = broker_flags);
std::string acknowledgement_message(const base::secret& cookie, std::uint32_t challenge);

}  // namespace warren::testing
