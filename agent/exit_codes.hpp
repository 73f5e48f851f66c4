#pragma once

namespace warren::agent {

// As in sysexits.h, which rabbitmqctl uses too.
constexpr int exit_usage = 64;        // unknown command or option
constexpr int exit_data = 65;         // the answer cannot be understood
constexpr int exit_unavailable = 69;  // the agent does not answer
constexpr int exit_software = 70;     // a bug; the guard replaces a worker that ends with it
constexpr int exit_os = 71;           // the system refuses, for example a port in use
constexpr int exit_refused = 77;      // the agent will not do it, and says why
constexpr int exit_config = 78;       // bad settings

}  // namespace warren::agent
