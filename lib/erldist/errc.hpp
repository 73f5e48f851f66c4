#pragma once

#include "base/result.hpp"

#include <type_traits>

namespace warren::erldist {

enum class errc {
  // Looking the node up.
  bad_node_name = 1,
  no_address,
  epmd_refused,
  epmd_unreachable,
  epmd_timeout,
  epmd_closed,
  epmd_protocol,
  node_not_registered,
  // Connecting and shaking hands.
  connect_refused,
  connect_unreachable,
  connect_timeout,
  handshake_timeout,
  handshake_closed,
  handshake_protocol,
  tls_expected,
  status_nok,
  not_allowed,
  alive,
  name_differs,
  unsupported_peer,
  cookie_rejected,
  peer_digest_wrong,
  md5_unavailable,
  // The connection.
  connection_lost,
  peer_silent,
  frame_too_large,
  connection_closed,
  // Calls.
  call_timeout,
  too_many_calls,
  undefined_function,
  no_process,
  node_down,
  remote_timeout,
  remote_failure,
};

boost::system::error_code make_error_code(errc e);

// What a failed attempt to connect tells of the node, the more certain the greater.
enum class obstacle {
  unclear,  // nothing: no way to that address, or nonsense was spoken
  away,     // it does not run: refused, or not registered
  silent,   // something is there but does not answer in time
  mistake,  // a cookie, a name, TLS or a version differs: no retry and no restart cures it
};

// For the codes of connect(); every other code is unclear.
obstacle classify(const base::error_code& code);

}  // namespace warren::erldist

template <>
struct boost::system::is_error_code_enum<warren::erldist::errc> : std::true_type {};
