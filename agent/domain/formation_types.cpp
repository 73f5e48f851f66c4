#include "agent/domain/formation_types.hpp"

namespace warren::domain {

std::string_view name(knowledge k) {
  switch (k) {
    case knowledge::no:
      return "no";
    case knowledge::yes:
      return "yes";
    case knowledge::unknown:
      break;
  }
  return "unknown";
}

std::string_view name(mark_state s) {
  switch (s) {
    case mark_state::founding:
      return "founding";
    case mark_state::joining:
      return "joining";
    case mark_state::member:
      break;
  }
  return "member";
}

std::string_view name(door_kind k) {
  switch (k) {
    case door_kind::found:
      return "found";
    case door_kind::classic:
      return "classic";
    case door_kind::seed:
      return "seed";
    case door_kind::join_by_calls:
      return "join-by-calls";
    case door_kind::closed:
      break;
  }
  return "closed";
}

}  // namespace warren::domain
