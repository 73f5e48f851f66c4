#pragma once

#include "base/clock.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace warren::agent {

enum class log_level { debug, info, warning, error };
enum class log_format { text, json };

// Lines go to stderr. Before this is called they are text, from level info on.
void set_up_log(log_level least, log_format format);

// One line. Control characters are escaped, for texts from elsewhere end up here. Never a secret:
// callers pass what base::failure says or what they wrote themselves, and base::secret has no text.
void log(log_level level, std::string_view text);

// The line without its end, for tests of its form. JSON has the members time, level, pid
// and message.
std::string format_line(log_format format, log_level level, std::string_view text, long pid,
                        base::wall_time at);

// Keeps the log at one line for each transition: it remembers which problems of a subject ("the
// broker", "endpointslices") have been told since all was well. Pure.
class told_once {
 public:
  // True if the problem is worth a line. One outage gets each text once and at most `most_texts`.
  bool problem(std::string_view subject, std::string_view text);
  // True if a problem was told: worth the line that all is well again.
  bool well(std::string_view subject);

  static constexpr std::size_t most_texts = 8;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> told_;
};

}  // namespace warren::agent
