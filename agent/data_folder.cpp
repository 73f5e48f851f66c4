#include "agent/data_folder.hpp"

#include "agent/mark_file.hpp"
#include "agent/node_folder.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <unistd.h>
#include <vector>

namespace warren::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_others = 64;

// What a broker makes beside the folder NODE: NODE-plugins-expand (3.8 to 4.3), and what Mnesia's
// upgrades and renames leave.
bool beside_a_node_folder(std::string_view name) {
  return std::ranges::any_of(std::array{"-plugins-expand", "-upgrade-backup", "-rename"},
                             [name](std::string_view end) { return name.ends_with(end); });
}

std::string folder_above(const std::string& path) {
  const fs::path above = fs::path(path).lexically_normal().parent_path();
  return above.empty() ? "." : above.string();
}

// For a data_dir that is not there: whether its volume is, so that the broker will make it.
base::result<void> volume_is_there(const std::string& data_dir) {
  const std::string above = folder_above(data_dir);
  std::error_code failed;
  if (fs::symlink_status(data_dir, failed).type() == fs::file_type::symlink) {
    return cannot_look(ENOENT, data_dir, "it is a link to nowhere: mend or remove it");
  }
  if (!fs::is_directory(above, failed)) {
    return cannot_look(failed ? failed.value() : ENOENT, data_dir,
                       "nor is there " + above +
                           ": mount the broker's data volume at the same path for the agent, or "
                           "set --data-dir");
  }
  if (::access(above.c_str(), R_OK | W_OK | X_OK) != 0) {
    return cannot_look(errno, data_dir,
                       "it is not there, and " + above +
                           " is not for the agent's user to read and write: give it the rights, as "
                           "fsGroup does");
  }
  return {};
}

// The nodes other than `node` that have a folder with data.
base::result<std::vector<std::string>> others_with_data(const std::string& data_dir,
                                                        const std::string& node) {
  std::vector<std::string> found;
  base::result<void> trouble;
  const auto listed = for_each_entry(data_dir, [&](const std::string& name) {
    if (name == node || name.find('@') == std::string::npos || beside_a_node_folder(name)) {
      return true;
    }
    const std::string path = data_dir + "/" + name;
    std::error_code failed;
    if (fs::is_regular_file(path, failed)) return true;  // NODE.pid, NODE-feature_flags
    const auto content = look_at_node_folder(path);
    if (content.has_error()) {
      trouble = content.error();
      return false;
    }
    if (*content != folder_content::virgin) found.push_back(name);
    return found.size() < max_others;
  });
  if (listed.has_error()) return listed.error();
  if (trouble.has_error()) return trouble.error();
  return found;
}

base::result<void> look(const std::string& data_dir, const std::string& node,
                        domain::disk_view& view) {
  std::error_code failed;
  const fs::file_type type = fs::status(data_dir, failed).type();
  if (type == fs::file_type::not_found) {
    if (auto there = volume_is_there(data_dir); there.has_error()) return there;
    view.has_data = domain::knowledge::no;
    return {};
  }
  const auto readable = for_each_entry(data_dir, [](const std::string&) { return false; });
  if (readable.has_error()) return readable.error();
  auto mark = read_mark(data_dir);
  if (mark.has_error()) return mark.error();
  // The mark is known whatever comes of the rest.
  const bool is_own = *mark && (*mark)->node == node;
  if (is_own) view.mark = **mark;
  const auto own = look_at_node_folder(data_dir + "/" + node);
  if (own.has_error()) return own.error();
  auto others = others_with_data(data_dir, node);
  // Its own data stays its own whatever lies beside it.
  if (others.has_error() && *own == folder_content::virgin) return others.error();
  if (others.has_value()) view.other_nodes = std::move(*others);
  if (*mark && !is_own) view.other_nodes.push_back((*mark)->node);
  std::ranges::sort(view.other_nodes);
  const auto twice = std::ranges::unique(view.other_nodes);
  view.other_nodes.erase(twice.begin(), twice.end());
  view.unfinished = *own == folder_content::unfinished;
  view.has_tables = fs::exists(data_dir + "/" + node + "/schema.DAT", failed);
  view.has_data = *own == folder_content::virgin ? domain::knowledge::no : domain::knowledge::yes;
  return {};
}

}  // namespace

domain::disk_view look_at_data(const std::string& data_dir, const std::string& node) {
  domain::disk_view view;
  const std::string folder = data_dir.substr(0, data_dir.find_last_not_of('/') + 1);
  if (const auto looked = look(folder, node, view); looked.has_error()) {
    view.detail = looked.error().text();
  }
  return view;
}

}  // namespace warren::agent
