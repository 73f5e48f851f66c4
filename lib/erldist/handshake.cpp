#include "erldist/handshake.hpp"

#include "erldist/bytes.hpp"
#include "erldist/errc.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <charconv>
#include <utility>

namespace warren::erldist {
namespace {

// The longest message is a challenge: 19 bytes and a node name of at most 255 characters.
constexpr std::size_t longest_message = 19 + 4 * 255;

std::string hex(std::uint64_t number) {
  char digits[20];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), number, 16).ptr;
  return "0x" + std::string(std::begin(digits), end);
}

}  // namespace

base::result<digest> challenge_digest(const base::secret& cookie, std::uint32_t challenge) {
  const std::string text = cookie.reveal() + std::to_string(challenge);
  digest d{};
  unsigned int size = d.size();
  if (EVP_Digest(text.data(), text.size(), d.data(), &size, EVP_md5(), nullptr) != 1) {
    return base::failure(errc::md5_unavailable);
  }
  return d;
}

handshake::handshake(handshake_settings settings) : settings_(std::move(settings)) {
  std::string message = "N";
  append_number(message, own_flags);
  append_number(message, settings_.creation);
  append_number(message, static_cast<std::uint16_t>(settings_.own_name.size()));
  message += settings_.own_name;
  send(message);
}

std::string handshake::take_output() {
  return std::exchange(output_, {});
}

void handshake::send(std::string_view message) {
  append_number(output_, static_cast<std::uint16_t>(message.size()));
  output_ += message;
}

base::failure handshake::failure(base::error_code code, std::string_view detail) const {
  std::string text = settings_.peer_name;
  if (!detail.empty()) text.append(" (").append(detail).append(")");
  return {code, std::move(text)};
}

base::failure handshake::closed() const {
  if (step_ == step::acknowledgement) return failure(errc::cookie_rejected);
  return failure(errc::handshake_closed);
}

base::result<void> handshake::receive(std::string_view bytes) {
  received_ += bytes;
  while (!done()) {
    byte_reader in(received_);
    const auto size = in.number<std::uint16_t>();
    // A TLS record begins with its type, where a short length has a zero; so do other protocols.
    if (step_ == step::status && !received_.empty() && received_.front() != 0) {
      return failure(errc::tls_expected);
    }
    if (!in.complete()) break;
    if (size == 0 || size > longest_message) return failure(errc::handshake_protocol);
    const std::string message(in.text(size));
    if (!in.complete()) break;
    received_.erase(0, sizeof(size) + message.size());
    if (auto ok = on_message(message); !ok) return ok;
  }
  return {};
}

base::result<void> handshake::on_message(std::string_view message) {
  if (step_ == step::status) return on_status(message);
  if (step_ == step::challenge) return on_challenge(message);
  return on_acknowledgement(message);
}

base::result<void> handshake::on_status(std::string_view message) {
  if (message.front() != 's') return failure(errc::tls_expected);
  const std::string_view status = message.substr(1);
  if (status == "ok" || status == "ok_simultaneous") {
    step_ = step::challenge;
    return {};
  }
  if (status == "nok") return failure(errc::status_nok);
  if (status == "alive") return failure(errc::alive);
  if (status == "not_allowed") {
    return failure(errc::not_allowed, settings_.own_name + " with flags " + hex(own_flags));
  }
  // "named:" too: it answers a request for a name, which was not made.
  return failure(errc::handshake_protocol);
}

base::result<void> handshake::on_challenge(std::string_view message) {
  if (message.front() == 'n') return failure(errc::unsupported_peer, "handshake version 5");
  byte_reader in(message.substr(1));
  handshake_peer peer;
  peer.flags = in.number<std::uint64_t>();
  const auto challenge = in.number<std::uint32_t>();
  peer.creation = in.number<std::uint32_t>();
  peer.name = in.text(in.number<std::uint16_t>());
  if (message.front() != 'N' || !in.complete()) return failure(errc::handshake_protocol);
  if (peer.name != settings_.peer_name) return failure(errc::name_differs, peer.name);
  if ((peer.flags & needed_flags) != needed_flags) {
    return failure(errc::unsupported_peer,
                   "it has " + hex(peer.flags) + ", needed are " + hex(needed_flags));
  }
  const auto proof = challenge_digest(settings_.cookie, challenge);
  if (!proof) return proof.error();
  std::string reply = "r";
  append_number(reply, settings_.challenge);
  reply.append(proof->begin(), proof->end());
  send(reply);
  peer_ = std::move(peer);
  step_ = step::acknowledgement;
  return {};
}

base::result<void> handshake::on_acknowledgement(std::string_view message) {
  const auto expected = challenge_digest(settings_.cookie, settings_.challenge);
  if (!expected) return expected.error();
  if (message.front() != 'a' || message.size() != 1 + expected->size()) {
    return failure(errc::handshake_protocol);
  }
  if (CRYPTO_memcmp(message.data() + 1, expected->data(), expected->size()) != 0) {
    return failure(errc::peer_digest_wrong);
  }
  step_ = step::done;
  return {};
}

}  // namespace warren::erldist
