#pragma once

#include <optional>
#include <string_view>

namespace warren::agent {

// Whether the text of a broker's enabled_plugins file, an Erlang list of atoms, names `plugin`.
// Nothing if it is no such list: the broker then refuses to boot. An empty text names none. Total.
std::optional<bool> enables_plugin(std::string_view text, std::string_view plugin);

}  // namespace warren::agent
