#pragma once

#include "agent/found_settings.hpp"

#include <string>

namespace warren::agent {

enum class render_format {
  env,    // lines for a shell: export WARREN_SERVICE=rmq
  flags,  // a command line
  conf,   // lines for rabbitmq.conf, for what has a key there
  yaml,   // the env list of a container
};

// The settings that were given, under Warren's own names: what they were called is in comments, and
// so is what becomes of classic settings. With `defaults` those too that nobody gave. A secret's
// value is never part of it. In yaml what differs from pod to pod is left to the downward API.
std::string render(const found_settings& found, render_format format, bool defaults);

}  // namespace warren::agent
