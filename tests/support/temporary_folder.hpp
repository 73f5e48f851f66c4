#pragma once

#include <filesystem>
#include <string>

namespace warren::testing {

// A new empty folder; it and all in it is removed at the end of the scope.
class temporary_folder {
 public:
  temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // The path of a file in it.
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ / name; }
  // Writes a file, making the folders above it.
  void write(const std::string& name, const std::string& text) const;
  // How many entries it has.
  [[nodiscard]] std::size_t entries() const;

 private:
  std::filesystem::path path_;
};

}  // namespace warren::testing
