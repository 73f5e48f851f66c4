#include "agent/descriptor_limit.hpp"

#include <algorithm>
#include <sys/resource.h>

namespace warren::agent {

void raise_descriptor_limit(std::size_t wanted) {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= wanted) return;
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, wanted);
  ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace warren::agent
