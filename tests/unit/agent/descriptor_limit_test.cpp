#include "agent/descriptor_limit.hpp"

#include "tests/support/catch.hpp"

#include <sys/resource.h>

using namespace warren;

namespace {

// Gives the process's limits back at its end.
struct limits {
  limits() { REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0); }
  ~limits() { ::setrlimit(RLIMIT_NOFILE, &before); }
  limits(const limits&) = delete;
  limits& operator=(const limits&) = delete;
  void set(rlim_t soft) const {
    const rlimit changed{soft, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &changed) == 0);
  }
  static rlim_t soft() {
    rlimit now{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &now) == 0);
    return now.rlim_cur;
  }
  rlimit before{};
};

}  // namespace

TEST_CASE("the limit of descriptors is raised, at most to the hard one, and never lowered") {
  const limits l;
  l.set(100);
  agent::raise_descriptor_limit(120);
  CHECK(limits::soft() == 120);
  agent::raise_descriptor_limit(110);
  CHECK(limits::soft() == 120);
  agent::raise_descriptor_limit(RLIM_INFINITY);
  CHECK(limits::soft() == l.before.rlim_max);
}
