#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

#include <cstdint>
#include <string>

namespace warren::kubernetes {

// Where the API server is and how this pod proves who it is. The defaults are those of every pod.
struct in_cluster {
  bool tls = true;  // plain HTTP is for tests; then neither file is needed
  std::string host = "kubernetes.default.svc";
  std::uint16_t port = 443;
  std::string token_path = "/var/run/secrets/kubernetes.io/serviceaccount/token";  // empty: none
  std::string ca_path = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";
  std::string name_space = "default";  // a word of its own in C++, hence the '_'
};

// A small file that kubelet replaces now and then by swapping a symbolic link: read again once it
// is older than a minute, or when asked to.
class rotated_file {
 public:
  explicit rotated_file(std::string path) : path_(std::move(path)) {}

  // Reads the file if that is due. True if its text is another one than before. While it cannot be
  // read the last text stays in use; without one the system's error is the answer.
  base::result<bool> refresh(base::time_point now);
  // The next refresh() reads, whatever the time.
  void expire() { read_ = false; }
  [[nodiscard]] const base::secret& text() const { return text_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  base::secret text_;
  base::time_point read_at_;
  bool read_ = false;
};

}  // namespace warren::kubernetes
