#include "agent/mark_file.hpp"

#include "base/file.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cerrno>
#include <filesystem>
#include <sys/stat.h>

namespace warren::agent {
namespace {

using json = nlohmann::json;

constexpr int schema = 1;
constexpr std::size_t longest_mark = 4096;
constexpr ::mode_t group_writable = 02775;  // and what is made in it belongs to its group

base::failure damaged(std::string what) {
  using namespace boost::system::errc;
  return {make_error_code(bad_message), std::move(what)};
}

std::optional<domain::mark_state> state_of(std::string_view text) {
  using enum domain::mark_state;
  for (const domain::mark_state each : std::array{founding, joining, member}) {
    if (text == domain::name(each)) return each;
  }
  return std::nullopt;
}

// A member that is absent is empty; one that is no text is damage.
std::optional<std::string> text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return std::string();
  if (!found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::string cure(const std::string& path) {
  return path +
         ", Warren's mark of what this node is on its way to (give the agent's user the rights to "
         "it, or, if it is damaged, restore it; delete it only if you know whether this node has "
         "ever been a member of its cluster)";
}

base::failure last_error() {
  return base::error_code(errno, boost::system::system_category());
}

base::result<void> make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), group_writable) != 0) {
    if (errno == EEXIST) return {};
    return last_error();
  }
  // The umask of a process takes the group's right away.
  if (::chmod(path.c_str(), group_writable) != 0) return last_error();
  return base::sync_folder(path + "/..");
}

}  // namespace

std::string mark_path(const std::string& data_dir) {
  return data_dir + "/.warren-mark.json";
}

std::string encode(const domain::mark& mark) {
  const json whole = {
      {"schema", schema},
      {"node", mark.node},
      {"state", domain::name(mark.state)},
      {"cluster_id", mark.cluster_id},
      {"target", mark.target},
  };
  return whole.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

base::result<domain::mark> decode_mark(std::string_view bytes) {
  if (bytes.size() > longest_mark) return damaged("too long for a mark");
  const json whole = json::parse(bytes, nullptr, false);
  if (!whole.is_object()) return damaged("no JSON object");
  if (whole.value("schema", json()) != schema) return damaged("not of a schema known here");
  const auto node = text_of(whole, "node");
  const auto state = text_of(whole, "state");
  const auto cluster_id = text_of(whole, "cluster_id");
  const auto target = text_of(whole, "target");
  if (!node || node->empty()) return damaged("no node");
  if (!cluster_id || !target) return damaged("a member that is no text");
  const auto known = state ? state_of(*state) : std::nullopt;
  if (!known) return damaged("no state that is known here");
  return domain::mark{.node = *node, .state = *known, .cluster_id = *cluster_id, .target = *target};
}

base::result<std::optional<domain::mark>> read_mark(const std::string& data_dir) {
  const std::string path = mark_path(data_dir);
  const base::result<std::string> text = base::read_file(path, longest_mark);
  if (text.has_error()) {
    std::error_code ignored;  // a link to nowhere is not no mark
    if (text.error().code == boost::system::errc::no_such_file_or_directory &&
        !std::filesystem::is_symlink(path, ignored)) {
      return std::optional<domain::mark>();
    }
    return base::failure(text.error().code, cure(path));
  }
  base::result<domain::mark> mark = decode_mark(*text);
  if (mark.has_error()) {
    return base::failure(mark.error().code, cure(path) + ": " + mark.error().detail);
  }
  return std::optional(std::move(*mark));
}

base::result<void> write_mark(const std::string& data_dir, const domain::mark& mark) {
  const std::string path = mark_path(data_dir);
  const auto cause = [&path] {
    return path + " (the agent's user must be able to write to that folder, as fsGroup makes it)";
  };
  if (auto made = make_folder(data_dir); made.has_error()) {
    return base::failure(made.error().code, cause());
  }
  const auto written = base::write_file_durably(path, encode(mark));
  if (written.has_error()) return base::failure(written.error().code, cause());
  return {};
}

}  // namespace warren::agent
