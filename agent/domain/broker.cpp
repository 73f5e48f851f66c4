#include "agent/domain/broker.hpp"

namespace warren::domain {

std::string_view name(link_state state) {
  switch (state) {
    case link_state::unknown:
      return "unknown";
    case link_state::away:
      return "away";
    case link_state::silent:
      return "silent";
    case link_state::connected:
      return "connected";
    case link_state::cookie_rejected:
      return "cookie_rejected";
    case link_state::tls_expected:
      return "tls_expected";
    case link_state::name_differs:
      return "name_differs";
    case link_state::not_allowed:
      return "not_allowed";
  }
  return "unknown";
}

}  // namespace warren::domain
