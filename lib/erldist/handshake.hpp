#pragma once

#include "base/result.hpp"
#include "base/secret.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace warren::erldist {

// The flags of "Protocol between connected nodes" that this program sets: what OTP 26 to 29 demand.
// Without PUBLISHED the node is hidden; without the atom cache and FRAGMENTS every message arrives
// whole.
namespace flag {
constexpr std::uint64_t extended_references = 0x4;
constexpr std::uint64_t fun_tags = 0x10;
constexpr std::uint64_t new_fun_tags = 0x80;
constexpr std::uint64_t extended_pids_ports = 0x100;
constexpr std::uint64_t export_ptr_tag = 0x200;
constexpr std::uint64_t bit_binaries = 0x400;
constexpr std::uint64_t new_floats = 0x800;
constexpr std::uint64_t utf8_atoms = 0x10000;
constexpr std::uint64_t map_tag = 0x20000;
constexpr std::uint64_t big_creation = 0x40000;
constexpr std::uint64_t handshake_23 = 0x1000000;
constexpr std::uint64_t unlink_id = 0x2000000;
constexpr std::uint64_t v4_nc = std::uint64_t{4} << 32;
}  // namespace flag

// What a node must offer; OTP 23 and later do.
constexpr std::uint64_t needed_flags =
    flag::extended_references | flag::fun_tags | flag::new_fun_tags | flag::extended_pids_ports |
    flag::export_ptr_tag | flag::bit_binaries | flag::new_floats | flag::utf8_atoms |
    flag::map_tag | flag::big_creation | flag::handshake_23;
// What this program offers.
constexpr std::uint64_t own_flags = needed_flags | flag::unlink_id | flag::v4_nc;
static_assert(own_flags == 0x403070f94);

// What proves knowledge of the cookie: MD5 of the cookie and the challenge in decimal.
// Fails with md5_unavailable.
using digest = std::array<unsigned char, 16>;
base::result<digest> challenge_digest(const base::secret& cookie, std::uint32_t challenge);

struct handshake_settings {
  std::string own_name;   // "warren-rmq-0@rmq-0"
  std::string peer_name;  // the name that was dialled
  base::secret cookie;
  std::uint32_t creation = 1;   // of this node's incarnation, not 0
  std::uint32_t challenge = 0;  // for the peer: random
};

struct handshake_peer {
  std::string name;
  std::uint64_t flags = 0;
  std::uint32_t creation = 0;  // of the peer's incarnation
};

// The initiating side of distribution handshake version 6 over plain TCP, without IO: send what
// take_output() gives, feed what comes, until done(). After a failure it is of no more use.
class handshake {
 public:
  explicit handshake(handshake_settings settings);

  // What is to be sent now; empty if nothing.
  std::string take_output();
  // Fails with the errc of the step that went wrong.
  base::result<void> receive(std::string_view bytes);
  // What it means that the peer closes the connection now.
  [[nodiscard]] base::failure closed() const;

  [[nodiscard]] bool done() const { return step_ == step::done; }
  [[nodiscard]] const handshake_peer& peer() const { return peer_; }  // once done()
  // Bytes that followed the handshake, once done(): the beginning of the first message.
  [[nodiscard]] std::string_view rest() const { return received_; }

 private:
  enum class step { status, challenge, acknowledgement, done };

  base::result<void> on_message(std::string_view message);
  base::result<void> on_status(std::string_view message);
  base::result<void> on_challenge(std::string_view message);
  base::result<void> on_acknowledgement(std::string_view message);
  void send(std::string_view message);
  [[nodiscard]] base::failure failure(base::error_code code, std::string_view detail = {}) const;

  handshake_settings settings_;
  handshake_peer peer_;
  step step_ = step::status;
  std::string received_;
  std::string output_;
};

}  // namespace warren::erldist
