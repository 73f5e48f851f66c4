#include "agent/settings.hpp"
#include "base/file.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <unistd.h>

namespace warren::agent {
namespace {

constexpr std::size_t max_conf_bytes = 1 << 20;
constexpr std::size_t max_conf_files = 256;

void read_into(conf_files& conf, const std::string& path) {
  auto text = base::read_file(path, max_conf_bytes);
  if (text.has_error()) {
    conf.failures.push_back(text.error());
  } else {
    conf.files.push_back({path, std::move(*text)});
  }
}

// conf.d is read in sort order, *.conf alone; that there is none is no failure.
std::vector<std::string> conf_d_of(const std::string& path, conf_files& conf) {
  const std::string folder = (std::filesystem::path(path).parent_path() / "conf.d").string();
  std::vector<std::string> paths;
  std::error_code error;
  std::filesystem::directory_iterator entries(folder, error);
  while (!error && entries != std::filesystem::directory_iterator() &&
         paths.size() < max_conf_files) {
    if (entries->path().extension() == ".conf") paths.push_back(entries->path().string());
    entries.increment(error);
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    conf.failures.emplace_back(base::error_code(error.value(), boost::system::system_category()),
                               folder);
  }
  std::ranges::sort(paths);
  return paths;
}

conf_files read_conf(const std::string& path) {
  conf_files conf;
  read_into(conf, path);
  for (const std::string& part : conf_d_of(path, conf)) read_into(conf, part);
  return conf;
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

}  // namespace

settings_sources process_sources(std::vector<std::string> arguments) {
  const auto variable = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  return {std::move(arguments), variable, read_conf, host_name()};
}

}  // namespace warren::agent
