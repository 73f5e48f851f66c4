#include "kubernetes/endpoint_slice_store.hpp"

#include "tests/support/catch.hpp"

using namespace warren;
using kubernetes::endpoint;
using kubernetes::endpoint_slice;
using kubernetes::endpoint_slice_store;
using kubernetes::watch_event;
using kubernetes::watch_event_type;

namespace {

endpoint_slice slice(const std::string& name, const std::string& uid,
                     const std::string& version = "1") {
  endpoint_slice out;
  out.name = name;
  out.resource_version = version;
  out.type = kubernetes::address_type::ipv4;
  endpoint e;
  e.address = "10.0.0.1";
  e.uid = uid;
  out.endpoints.push_back(e);
  return out;
}

watch_event event(watch_event_type type, endpoint_slice of) {
  watch_event out;
  out.type = type;
  out.slice = std::move(of);
  return out;
}

}  // namespace

TEST_CASE("endpoints of all slices are joined in the order of the slices' names", "[kubernetes]") {
  endpoint_slice_store store;
  CHECK(store.replace({slice("b", "u2"), slice("a", "u1")}));
  const std::vector<endpoint> all = store.endpoints();
  REQUIRE(all.size() == 2);
  CHECK(all[0].uid == "u1");
  CHECK(all[1].uid == "u2");
}

TEST_CASE("K16: repeated and reordered events change nothing twice", "[kubernetes]") {
  endpoint_slice_store store;
  CHECK(store.apply(event(watch_event_type::added, slice("a", "u1"))));
  CHECK_FALSE(store.apply(event(watch_event_type::added, slice("a", "u1"))));
  CHECK_FALSE(store.apply(event(watch_event_type::modified, slice("a", "u1", "2"))));
  CHECK(store.apply(event(watch_event_type::modified, slice("b", "u2"))));
  CHECK(store.apply(event(watch_event_type::deleted, slice("a", "u1"))));
  CHECK_FALSE(store.apply(event(watch_event_type::deleted, slice("a", "u1"))));
  CHECK(store.size() == 1);
}

TEST_CASE("K17: a list after a gap replaces a pod by its successor of the same name",
          "[kubernetes]") {
  endpoint_slice_store store;
  store.replace({slice("a", "old"), slice("gone", "u9")});
  CHECK(store.replace({slice("a", "new", "5")}));
  const std::vector<endpoint> all = store.endpoints();
  REQUIRE(all.size() == 1);
  CHECK(all[0].uid == "new");
  CHECK_FALSE(store.replace({slice("a", "new", "6")}));
}

TEST_CASE("K18: a list without slices empties the store and says so", "[kubernetes]") {
  endpoint_slice_store store;
  store.replace({slice("a", "u1")});
  CHECK(store.replace({}));
  CHECK(store.endpoints().empty());
}
