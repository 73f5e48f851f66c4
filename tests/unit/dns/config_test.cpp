#include "dns/config.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warren;
using namespace warren::dns;
using names = std::vector<std::string>;

TEST_CASE("resolv.conf as kubelet writes it") {
  const config c = parse_resolv_conf(
      "search shop.svc.cluster.local svc.cluster.local cluster.local\n"
      "nameserver 10.96.0.10\n"
      "options ndots:5\n");
  CHECK(c.servers == std::vector<server>{{"10.96.0.10", 53}});
  CHECK(c.search == names{"shop.svc.cluster.local", "svc.cluster.local", "cluster.local"});
  CHECK(c.dots == 5);
}

TEST_CASE("of resolv.conf the last search counts, three servers and sane dots") {
  const config c = parse_resolv_conf(
      "# a comment\n; another\nnameserver\nbogus line\n"
      "nameserver fe80::1%eth0 # here\n\tnameserver 10.0.0.2\r\nnameserver 10.0.0.3\n"
      "nameserver 10.0.0.4\nsearch a b\ndomain c d\noptions rotate ndots:99 ndots:x timeout:3");
  CHECK(c.servers == std::vector<server>{{"fe80::1%eth0"}, {"10.0.0.2"}, {"10.0.0.3"}});
  CHECK(c.search == names{"c"});
  CHECK(c.dots == 15);
}

TEST_CASE("without a server the local one is asked, and a name with a dot is tried as it is") {
  const config c = parse_resolv_conf("");
  CHECK(c.servers == std::vector<server>{{"127.0.0.1"}});
  CHECK(c.dots == 1);
  CHECK(names_to_try("a", c) == names{"a"});
}

TEST_CASE("a resolv.conf that cannot be read is a failure") {
  const testing::temporary_folder folder;
  CHECK(read_resolv_conf(folder / "missing").has_error());
  folder.write("resolv.conf", "nameserver ::1\n");
  CHECK(read_resolv_conf(folder / "resolv.conf").value().servers == std::vector<server>{{"::1"}});
}

TEST_CASE("a name with few dots is completed first, one with many is tried as it is first") {
  const config c{{}, {"svc.cluster.local", "cluster.local."}, 2};
  CHECK(names_to_try("rmq", c) == names{"rmq.svc.cluster.local", "rmq.cluster.local", "rmq"});
  CHECK(names_to_try("rmq.shop.svc", c) ==
        names{"rmq.shop.svc", "rmq.shop.svc.svc.cluster.local", "rmq.shop.svc.cluster.local"});
  CHECK(names_to_try("rmq.", c) == names{"rmq"});
}

TEST_CASE("names that would be too long are not tried") {
  const config c{{}, {std::string(200, 'a'), "b"}, 1};
  const std::string name(100, 'c');
  CHECK(names_to_try(name, c) == names{name + ".b", name});
}

TEST_CASE("a hosts file has the addresses of a name and of its other names") {
  const std::string text =
      "127.0.0.1 localhost\n"
      "10.0.0.1\trmq-0.rmq.shop rmq-0 # the first\n"
      "fd00::1   RMQ-0\n"
      "nonsense  rmq-0\n"
      "#10.0.0.9 rmq-0\n"
      "10.0.0.2";
  CHECK(addresses_in_hosts(text, "rmq-0") == names{"10.0.0.1", "fd00::1"});
  CHECK(addresses_in_hosts(text, "rmq-0.rmq.shop.") == names{"10.0.0.1"});
  CHECK(addresses_in_hosts(text, "rmq-1").empty());
}
