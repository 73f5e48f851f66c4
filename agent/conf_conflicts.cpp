#include "agent/conf_conflicts.hpp"

#include "agent/domain/doors.hpp"
#include "agent/rabbitmq_conf.hpp"
#include "base/file.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <utility>

namespace warren::agent {
namespace {

constexpr std::size_t most_files = 256;
constexpr std::size_t longest_file = 1 << 20;  // bytes

// Its place among the files that the broker reads.
enum class place { before, door, behind };

place place_of(const std::filesystem::path& path, const std::filesystem::path& conf_dir) {
  if (path.parent_path() != conf_dir) return place::before;
  const std::string name = path.filename().string();
  if (name == domain::door_file_name) return place::door;
  return name < domain::door_file_name ? place::before : place::behind;
}

const char* why_it_conflicts(std::string_view key, place where) {
  const auto& keys = domain::door_keys;
  const bool in_doors = std::ranges::find(keys, key) != keys.end();
  if (in_doors && where == place::behind) {
    return "it is read after 90-warren.conf and overrules it";
  }
  if (!in_doors && key.starts_with("cluster_formation.classic_config.nodes.")) {
    return "the broker looks for that node besides the one of 90-warren.conf";
  }
  return nullptr;
}

std::string without_comments(std::string_view text) {
  std::string kept;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    kept.append(line.substr(0, line.find('%'))).push_back('\n');
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return kept;
}

}  // namespace

std::vector<conf_conflict> conflicting_keys(std::span<const conf_file> files,
                                            const std::string& conf_dir) {
  std::vector<conf_conflict> conflicts;
  for (const conf_file& file : files) {
    const place where = place_of(file.path, std::filesystem::path(conf_dir + "/").parent_path());
    if (where == place::door) continue;
    for (const conf_setting& setting : parse_rabbitmq_conf(file.text)) {
      const char* why = why_it_conflicts(setting.key, where);
      if (why != nullptr) conflicts.push_back({file.path, setting.line, setting.key, why});
    }
  }
  return conflicts;
}

std::vector<conf_conflict> conflicting_terms(const std::string& path, std::string_view text) {
  std::vector<conf_conflict> conflicts;
  const std::string terms = without_comments(text);
  for (const char* key : std::array{"cluster_nodes", "cluster_formation"}) {
    if (terms.find(key) == std::string::npos) continue;
    conflicts.push_back({path, 0, key, "it is laid over conf.d and overrules 90-warren.conf"});
  }
  return conflicts;
}

std::vector<conf_conflict> look_for_conflicts(const std::string& conf_dir) {
  const std::filesystem::path folder = std::filesystem::path(conf_dir + "/").parent_path();
  std::vector<std::filesystem::path> paths;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator() && paths.size() < most_files;
       entry.increment(error)) {
    if (entry->path().extension() == ".conf") paths.push_back(entry->path());
  }
  paths.push_back(folder.parent_path() / "rabbitmq.conf");
  std::ranges::sort(paths);
  std::vector<conf_file> files;
  for (const auto& path : paths) {
    auto text = base::read_file(path.string(), longest_file);
    if (text) files.push_back({path.string(), std::move(*text)});
  }
  std::vector<conf_conflict> all = conflicting_keys(files, conf_dir);
  const std::string advanced = (folder.parent_path() / "advanced.config").string();
  if (const auto terms = base::read_file(advanced, longest_file)) {
    std::ranges::move(conflicting_terms(advanced, *terms), std::back_inserter(all));
  }
  return all;
}

std::string text_of(const conf_conflict& conflict) {
  const std::string line = conflict.line == 0 ? "" : " line " + std::to_string(conflict.line);
  return conflict.path + line + ": " + conflict.key + ": " + conflict.why +
         "; remove it, the start gate says whom this node joins";
}

}  // namespace warren::agent
