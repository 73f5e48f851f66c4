#include "agent/conf_conflicts.hpp"

#include "agent/domain/doors.hpp"
#include "agent/rabbitmq_conf.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

namespace warren::agent {
namespace {

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

}  // namespace warren::agent
