#include "agent/node_folder.hpp"

#include "base/file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <set>

namespace warren::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_names = 1000;  // in a folder that may still be virgin
constexpr std::size_t longest_config = std::size_t{64} * 1024;  // of a Raft member

using names = std::set<std::string>;

std::string inside(std::string_view folder, std::string_view name) {
  return (fs::path(folder) / name).string();
}

// A folder that is not there has no names. More than max_names are cut off.
base::result<names> names_in(const std::string& folder) {
  names found;
  std::error_code failed;
  const fs::file_type type = fs::status(folder, failed).type();
  if (type == fs::file_type::not_found) {
    if (fs::symlink_status(folder, failed).type() != fs::file_type::symlink) return found;
    return cannot_look(ENOENT, folder, "it is a link to nowhere: mend or remove it");
  }
  const auto listed = for_each_entry(folder, [&found](const std::string& name) {
    found.insert(name);
    return found.size() < max_names;
  });
  if (listed.has_error()) return listed.error();
  return found;
}

// The folders of the members of a Ra system, which are SYSTEM/NODE/UID beside files of its own.
base::result<std::vector<std::string>> raft_members(const std::string& system) {
  std::vector<std::string> found;
  const auto nodes = names_in(system);
  if (nodes.has_error()) return nodes.error();
  for (const std::string& node : *nodes) {
    const std::string folder = inside(system, node);
    std::error_code failed;
    if (fs::is_regular_file(folder, failed)) continue;
    const auto entries = names_in(folder);
    if (entries.has_error()) return entries.error();
    for (const std::string& entry : *entries) {
      const std::string path = inside(folder, entry);
      if (!fs::is_regular_file(path, failed)) found.push_back(path);
    }
  }
  return found;
}

// Of the other cluster in that Ra system, which has no say in whether a node is virgin.
bool is_stream_coordinator(const std::string& member) {
  const auto config = base::read_file(member + "/config", longest_config);
  return config.has_value() && config->find("rabbit_stream_coordinator") != std::string::npos &&
         config->find("rabbitmq_metadata") == std::string::npos;
}

// The .tmp are renamed by the next boot before it looks.
bool always_passed_over(const std::string& name) {
  constexpr std::array those = {"cluster_nodes.config",
                                "cluster_nodes.config.tmp",
                                "nodes_running_at_shutdown",
                                "nodes_running_at_shutdown.tmp",
                                "coordination",
                                "quorum"};
  return std::ranges::find(those, name) != those.end();
}

bool passed_over_beside_khepri(const std::string& name) {
  constexpr std::array those = {"rabbitmq_metadata", "msg_stores", "stream"};
  return std::ranges::find(those, name) != those.end();
}

}  // namespace

base::failure cannot_look(int error_number, const std::string& path, std::string_view cure) {
  return {base::error_code(error_number, boost::system::system_category()),
          "cannot look at " + path + " (" + std::string(cure) + ")"};
}

base::result<void> for_each_entry(const std::string& folder,
                                  const std::function<bool(const std::string&)>& visit) {
  std::error_code failed;
  fs::directory_iterator entry(folder, failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    if (!visit(entry->path().filename().string())) return {};
  }
  if (failed) return cannot_look(failed.value(), folder, may_read);
  return {};
}

base::result<folder_content> look_at_node_folder(const std::string& folder) {
  const auto there = names_in(folder);
  if (there.has_error()) return there.error();
  // Only brokers that have Khepri make this one.
  const bool khepri = there->contains("rabbitmq_metadata");
  bool data = std::ranges::any_of(*there, [khepri](const std::string& name) {
    return !always_passed_over(name) && !(khepri && passed_over_beside_khepri(name));
  });
  const auto members = raft_members(folder + "/coordination");
  if (members.has_error()) return members.error();
  const auto queues = raft_members(folder + "/quorum");
  if (queues.has_error()) return queues.error();
  data = data || std::ranges::any_of(*members, [khepri](const std::string& member) {
           return !khepri || !is_stream_coordinator(member);
         });
  data = data || (!khepri && !queues->empty());
  if (!data) return folder_content::virgin;
  // rabbit_serial is written before the default vhost and user, msg_stores with the vhost.
  const bool finished = there->contains("rabbit_serial") || there->contains("msg_stores") ||
                        there->contains("stream") || !queues->empty() || there->size() >= max_names;
  return finished ? folder_content::data : folder_content::unfinished;
}

}  // namespace warren::agent
