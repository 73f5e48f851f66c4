#pragma once

#include "base/result.hpp"
#include "etf/term.hpp"
#include "rabbitmq/values.hpp"

#include <string>
#include <string_view>
#include <vector>

// What the broker's answers mean, in every form that 3.8 to 4.3 give them. Each fails with
// unexpected_answer, quoting the answer. Total.
namespace warren::rabbitmq {

base::result<std::string> parse_version(const etf::term& answer);  // "4.3.6"
base::result<boot_state> parse_boot_state(const etf::term& answer);
base::result<bool> parse_paused(const etf::term& answer);
base::result<bool> parse_draining(const etf::term& answer);
// The resources ("memory", "disk", "file_descriptor_limit" up to 4.2) of `node`'s alarms, sorted.
base::result<std::vector<std::string>> parse_alarms(const etf::term& answer, std::string_view node);
// Sorted by port; what listens on no TCP port of an IP address is left out.
base::result<std::vector<listener>> parse_listeners(const etf::term& answer);
base::result<std::vector<std::string>> parse_nodes(const etf::term& answer);  // sorted

}  // namespace warren::rabbitmq
