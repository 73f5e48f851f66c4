#include "tests/simulation/replay.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

using namespace warren::simulation;

namespace {

constexpr const char* usage =
    "replay [--tries N] [--story] LOG... [--refused LOG...]\n"
    "    whether the model of a broker can do what the logs say; those behind --refused, that it\n"
    "    cannot. --story: what the model does, in the try that came furthest\n";

// True if the log is what it should be.
bool look_at(const std::string& path, int tries, bool story, bool refused) {
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto log = parse_event_log(text);
  if (!log) {
    std::printf("%s: %s\n", path.c_str(), log.error().detail.c_str());
    return false;
  }
  const verdict v = replay(*log, tries);
  if (v.follows == refused || story) tell_replay(*log, v);
  std::printf("%s: %zu events, %s after %d tries%s%s\n", path.c_str(), log->events.size(),
              v.follows ? "the model follows" : "the model CANNOT FOLLOW", v.tries,
              v.follows ? "" : "\n    ", v.contradiction.c_str());
  return v.follows != refused;
}

}  // namespace

int main(int argc, char** argv) {
  int tries = default_tries;
  bool story = false;
  bool refused = false;
  int passed = 0;
  int failed = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (arg == "--tries") {
      tries = i + 1 < argc ? std::atoi(argv[++i]) : 0;
    } else if (arg == "--story") {
      story = true;
    } else if (arg == "--refused") {
      refused = true;
    } else if (arg.starts_with("--")) {
      std::fputs(usage, stderr);
      return 2;
    } else {
      ++(look_at(arg, tries, story, refused) ? passed : failed);
    }
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}
