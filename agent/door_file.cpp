#include "agent/door_file.hpp"

#include "agent/domain/doors.hpp"
#include "base/file.hpp"

#include <cerrno>
#include <filesystem>
#include <unistd.h>

namespace warren::agent {
namespace {

constexpr std::size_t longest_door = 8192;
constexpr std::string_view how_to_write =
    " (mount conf.d as a volume that the broker's container and the agent share, writable for the "
    "agent's user, or set --conf-dir)";

bool is_link(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_symlink(path, ignored);
}

std::string door_path(const std::string& conf_dir) {
  return conf_dir + "/" + std::string(domain::door_file_name);
}

// A broker that was told to read all of conf.d would read them too.
void remove_drafts(const std::string& conf_dir) {
  const std::string draft =
      std::filesystem::path(base::draft_of(door_path(conf_dir))).filename().string();
  std::error_code ignored;
  std::filesystem::directory_iterator entry(conf_dir, ignored);
  for (; entry != std::filesystem::directory_iterator(); entry.increment(ignored)) {
    if (!entry->path().filename().string().starts_with(draft)) continue;
    std::filesystem::remove(entry->path(), ignored);
  }
}

}  // namespace

base::result<std::optional<domain::door>> read_door(const std::string& conf_dir) {
  const std::string path = door_path(conf_dir);
  const base::result<std::string> text = base::read_file(path, longest_door);
  if (text.has_error()) {
    if (text.error().code == boost::system::errc::no_such_file_or_directory && !is_link(path)) {
      return std::optional<domain::door>();
    }
    return base::failure(text.error().code, path + " (the agent's user must be able to read it)");
  }
  auto door = domain::parse_door(*text);
  if (!door) {
    using namespace boost::system::errc;
    return base::failure(make_error_code(bad_message),
                         path +
                             " was not written by Warren, which keeps that name for itself "
                             "(rename or remove it)");
  }
  return door;
}

base::result<void> may_write_door(const std::string& conf_dir) {
  if (::access(conf_dir.c_str(), W_OK | X_OK) == 0) return {};
  return base::failure(base::error_code(errno, boost::system::system_category()),
                       conf_dir + std::string(how_to_write));
}

base::result<void> write_door(const std::string& conf_dir, const domain::door& door,
                              std::string_view node) {
  const std::string path = door_path(conf_dir);
  if (!domain::is_sound(door) || !domain::is_node_name(node)) {
    using namespace boost::system::errc;
    return base::failure(make_error_code(invalid_argument),
                         path + " cannot name " + std::string(node) + ", " + door.target +
                             " or pod uid " + door.pod_uid);
  }
  remove_drafts(conf_dir);
  const auto written = base::write_file_durably(path, domain::door_text(door, node));
  if (written.has_error()) {
    return base::failure(written.error().code, path + std::string(how_to_write));
  }
  return {};
}

}  // namespace warren::agent
