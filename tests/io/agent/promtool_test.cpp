#include "agent/metrics.hpp"
#include "tests/support/catch.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

using namespace std::chrono_literals;
using namespace warren;
using agent::metrics_format;

namespace {

const base::time_point now{1h};

// Every metric with a value, and label values that need escaping.
void fill(agent::metrics& values) {
  domain::world_view world;
  world.broker.link.state = domain::link_state::connected;
  world.broker.alarms.saw({{"memory"}}, now);
  world.broker.ports.saw({{{"a\\b\"c", "::", 5672}, true, ""}}, now);
  world.broker.cluster.saw({{"rabbit@a"}, {"rabbit@a"}, {}}, now);
  world.peers.saw({}, now);
  world.expected_members.saw(1, now);
  values.show(world);
  domain::check_result ping;
  ping.what = domain::check::ping;
  ping.result = domain::outcome::pass;
  values.show(std::vector{ping});
  values.show_loop_lag(1ms);
  values.show_formation(1s);
  values.count_look("ping", 1ms, true);
  values.count_probe("/readyz", 200);
  agent::totals counted;
  counted.kubernetes_requests[{"list", 200}] = 1;
  counted.kubernetes_last_success = base::wall_clock::now();
  values.show(counted);
}

// A folder that is removed at the end.
class scratch {
 public:
  scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "metrics.XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  ~scratch() { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::string file(const std::string& name) const {
    return (folder_ / name).string();
  }

 private:
  std::filesystem::path folder_;
};

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("promtool accepts the text format and finds nothing to improve") {
  const scratch folder;
  agent::metrics values("1.2.3", {});
  const bool filled = GENERATE(false, true);
  if (filled) fill(values);
  std::ofstream(folder.file("text")) << values.text(metrics_format::text, now);
  const std::string command =
      "promtool check metrics < " + folder.file("text") + " > " + folder.file("said") + " 2>&1";
  const int code = std::system(command.c_str());
  INFO(content(folder.file("said")));
  CHECK(code == 0);
}

TEST_CASE("Prometheus' own parser reads the OpenMetrics format") {
  const scratch folder;
  agent::metrics values("1.2.3", {});
  fill(values);
  // promtool stores samples, so each needs a time, which a scrape leaves to the scraper.
  std::istringstream lines(values.text(metrics_format::open_metrics, now));
  std::ofstream file(folder.file("text"));
  for (std::string line; std::getline(lines, line);) {
    file << line << (line.starts_with('#') ? "\n" : " 1700000000\n");
  }
  file.close();
  const std::string command = "promtool tsdb create-blocks-from openmetrics " +
                              folder.file("text") + ' ' + folder.file("blocks") + " > " +
                              folder.file("said") + " 2>&1";
  const int code = std::system(command.c_str());
  INFO(content(folder.file("said")));
  CHECK(code == 0);
}
