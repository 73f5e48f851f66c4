#pragma once

#include "base/result.hpp"
#include "tests/support/fake_kube_api.hpp"

#include <map>
#include <memory>
#include <string>

namespace warren::testing {

// A file with a JSON array of Kubernetes objects, whose changes a fake_kube_api follows. What
// clients wrote stays, unless the file says something new about the same object.
class object_file {
 public:
  explicit object_file(std::string path);
  ~object_file();

  // Applies what has changed in the file since the last time: objects added, changed, removed. All
  // of it or, on failure (unreadable, no such array, an unknown kind), nothing.
  base::result<void> apply(fake_kube_api& api);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace warren::testing
