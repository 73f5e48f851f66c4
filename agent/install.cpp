#include "agent/install.hpp"

#include "base/file.hpp"

#include <cerrno>
#include <filesystem>
#include <unistd.h>

namespace warren::agent {
namespace {

namespace fs = std::filesystem;
namespace errc = boost::system::errc;

constexpr const char* program_name = "warren";

std::string cure_of(const base::error_code& why) {
  if (why == errc::no_such_file_or_directory || why == errc::not_a_directory) {
    return "mount the shared volume into this container and give its mountPath";
  }
  if (why == errc::permission_denied || why == errc::operation_not_permitted) {
    return "user " + std::to_string(::geteuid()) +
           " must be able to write there: set fsGroup in the pod's securityContext";
  }
  if (why == errc::read_only_file_system) return "mount the volume without readOnly";
  if (why == errc::no_space_on_device ||
      why == base::error_code(EDQUOT, boost::system::system_category())) {
    return "make the volume larger, for an emptyDir its sizeLimit; 16Mi are enough";
  }
  if (why == errc::is_a_directory) return "a folder has the program's name: remove it";
  return "the folder must be on a volume that takes files and links";
}

base::failure failed(const base::error_code& why, const std::string& what) {
  return {why, what + " (" + cure_of(why) + ")"};
}

// Whether the link is there already. What else has its name is somebody's own, and stays.
base::result<bool> has_link(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(path, error);
  // What cannot be looked at cannot be written either, and that says why.
  if (!fs::exists(status)) return false;
  if (fs::is_symlink(status) && fs::read_symlink(path, error) == program_name) return true;
  return base::failure(make_error_code(errc::file_exists),
                       path + " is not Warren's link (remove it, or give another folder)");
}

base::result<void> make_link(const std::string& folder, const std::string& path) {
  if (::symlink(program_name, path.c_str()) != 0) {
    return failed(base::error_code(errno, boost::system::system_category()), path);
  }
  const auto synced = base::sync_folder(folder);
  if (synced.has_error()) return failed(synced.error().code, folder);
  return {};
}

}  // namespace

base::result<void> install(const std::string& program, const std::string& folder, bool link) {
  const std::string link_path = folder + "/" + diagnostics_name;
  const base::result<bool> linked = link ? has_link(link_path) : true;
  if (linked.has_error()) return linked.error();
  const auto copied = base::copy_program_durably(program, folder + "/" + program_name);
  if (copied.has_error()) {
    const base::failure& why = copied.error();
    if (why.detail == program) {
      return base::failure(why.code, program + " (/proc must be mounted in this container)");
    }
    return failed(why.code, folder);
  }
  if (*linked) return {};
  return make_link(folder, link_path);
}

}  // namespace warren::agent
