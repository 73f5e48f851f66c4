#include "erldist/errc.hpp"

#include <boost/system/error_category.hpp>

#include <string>

namespace warren::erldist {
namespace {

class category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "erldist"; }
  std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::bad_node_name:
        return "A node name has the form name@host, with at most 255 bytes.";
      case errc::no_address:
        return "No address is known of the node's host.";
      case errc::epmd_refused:
        return "EPMD refuses connections: no Erlang node runs there.";
      case errc::epmd_unreachable:
        return "EPMD cannot be reached.";
      case errc::epmd_timeout:
        return "EPMD did not answer in time.";
      case errc::epmd_closed:
        return "EPMD closed the connection without an answer.";
      case errc::epmd_protocol:
        return "What answers on EPMD's port is not EPMD.";
      case errc::node_not_registered:
        return "EPMD does not know the node: it does not run, or under another name.";
      case errc::connect_refused:
        return "The node's distribution port refuses connections.";
      case errc::connect_unreachable:
        return "The node's distribution port cannot be reached.";
      case errc::connect_timeout:
        return "The node's distribution port did not accept the connection in time.";
      case errc::handshake_timeout:
        return "The node accepted the connection but did not finish the handshake in time.";
      case errc::handshake_closed:
        return "The node closed the connection during the handshake.";
      case errc::handshake_protocol:
        return "The node sent something that does not belong into the handshake.";
      case errc::tls_expected:
        return "The distribution port does not speak plain Erlang distribution; most likely it "
               "speaks TLS.";
      case errc::status_nok:
        return "The node is just connecting to this one and refused a second connection.";
      case errc::not_allowed:
        return "The node does not allow this node's name or its protocol flags.";
      case errc::alive:
        return "The node still has a connection from a node with this one's name.";
      case errc::name_differs:
        return "The node that answers is not the one that was dialled.";
      case errc::unsupported_peer:
        return "The node lacks protocol flags that this program needs: it is older than OTP 23.";
      case errc::cookie_rejected:
        return "The node closed the connection on seeing this node's digest: the cookies differ.";
      case errc::peer_digest_wrong:
        return "The node does not know the cookie: its digest is wrong.";
      case errc::md5_unavailable:
        return "OpenSSL offers no MD5, which the cookie handshake needs.";
      case errc::connection_lost:
        return "The node closed the connection.";
      case errc::peer_silent:
        return "The node sent nothing, not even a tick, for longer than net_ticktime allows.";
      case errc::frame_too_large:
        return "The node announced a message larger than allowed.";
      case errc::connection_closed:
        return "This side closed the connection.";
      case errc::call_timeout:
        return "The node did not answer the call in time.";
      case errc::too_many_calls:
        return "Too many calls are waiting for the node's answers.";
      case errc::undefined_function:
        return "The node does not have the function: its version differs.";
      case errc::no_process:
        return "The process that the function asks does not run on the node.";
      case errc::node_down:
        return "The function needs another node that is down.";
      case errc::remote_timeout:
        return "The function timed out on the node.";
      case errc::remote_failure:
        return "The function failed on the node.";
    }
    return "Unknown error of the Erlang distribution.";
  }
};

}  // namespace

boost::system::error_code make_error_code(errc e) {
  static const category instance;
  return {static_cast<int>(e), instance};
}

obstacle classify(const base::error_code& code) {
  if (code.category() != make_error_code(errc::alive).category()) return obstacle::unclear;
  switch (static_cast<errc>(code.value())) {
    case errc::epmd_refused:
    case errc::node_not_registered:
    case errc::connect_refused:
      return obstacle::away;
    case errc::epmd_timeout:
    case errc::connect_timeout:
    case errc::handshake_timeout:
      return obstacle::silent;
    case errc::bad_node_name:
    case errc::no_address:
    case errc::tls_expected:
    case errc::not_allowed:
    case errc::name_differs:
    case errc::unsupported_peer:
    case errc::cookie_rejected:
    case errc::peer_digest_wrong:
    case errc::md5_unavailable:
      return obstacle::mistake;
    default:
      return obstacle::unclear;
  }
}

}  // namespace warren::erldist
