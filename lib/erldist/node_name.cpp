#include "erldist/node_name.hpp"

#include "erldist/errc.hpp"

#include <string>

namespace warren::erldist {

base::result<node_name_parts> split_node_name(std::string_view name) {
  const std::size_t at = name.find('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == name.size() || name.size() > 255 ||
      name.find('@', at + 1) != std::string_view::npos) {
    return base::failure(errc::bad_node_name, std::string(name.substr(0, 255)));
  }
  return node_name_parts{.alive = name.substr(0, at), .host = name.substr(at + 1)};
}

}  // namespace warren::erldist
