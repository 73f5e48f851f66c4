#include "rabbitmq/content.hpp"

namespace warren::rabbitmq {
namespace {

// The first of `names` that is not `usual`; empty if there is none.
std::string other_than(const std::string& usual, const std::vector<std::string>& names) {
  for (const auto& name : names) {
    if (name != usual) return name;
  }
  return {};
}

std::string count_of(std::size_t count, const char* one, const char* many) {
  return std::to_string(count) + ' ' + (count == 1 ? one : many);
}

std::string found_in(const node_content& c) {
  const std::string member = other_than(c.node, c.members);
  if (!member.empty()) return "a cluster with " + member;
  if (c.queues > 0) return count_of(c.queues, "queue", "queues");
  const std::string vhost = other_than(c.default_vhost, c.vhosts);
  if (!vhost.empty()) return "the virtual host '" + vhost + "'";
  const std::string user = other_than(c.default_user, c.users);
  if (!user.empty()) return "the user '" + user + "'";
  if (!c.own_exchanges.empty()) return "the exchange '" + c.own_exchanges.front() + "'";
  if (c.policies > 0) return count_of(c.policies, "policy", "policies");
  if (c.parameters > 0) return count_of(c.parameters, "runtime parameter", "runtime parameters");
  return {};
}

}  // namespace

own_content judge(const node_content& content) {
  own_content judged;
  judged.found = found_in(content);
  judged.first_boot_only = judged.found.empty();
  judged.importable_only = content.queues == 0 && other_than(content.node, content.members).empty();
  return judged;
}

}  // namespace warren::rabbitmq
