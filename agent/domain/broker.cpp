#include "agent/domain/broker.hpp"

namespace warren::domain {

std::string_view name(link_state s) {
  switch (s) {
    case link_state::unknown:
      return "unknown";
    case link_state::away:
      return "away";
    case link_state::silent:
      return "silent";
    case link_state::connected:
      return "connected";
    case link_state::unclear:
      return "unclear";
    case link_state::no_cookie:
      return "no_cookie";
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

std::string_view name(boot_state s) {
  switch (s) {
    case boot_state::stopped:
      return "stopped";
    case boot_state::booting:
      return "booting";
    case boot_state::core_started:
      return "core_started";
    case boot_state::ready:
      return "running";
    case boot_state::stopping:
      return "stopping";
  }
  return "unknown";
}

}  // namespace warren::domain
