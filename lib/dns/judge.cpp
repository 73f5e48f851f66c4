#include "dns/judge.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace warren::dns {
namespace {

constexpr int success = 0;
constexpr int format_error = 1;
constexpr int no_such_name = 3;
constexpr int not_implemented = 4;
constexpr int most_aliases = 8;

std::string code_text(int code) {
  constexpr std::array<std::string_view, 6> names{"success",  "FORMERR", "SERVFAIL",
                                                  "NXDOMAIN", "NOTIMP",  "REFUSED"};
  const auto index = static_cast<std::size_t>(code);
  return index < names.size() ? std::string(names.at(index)) : "code " + std::to_string(code);
}

// The name that the aliases in the answer lead to.
std::string canonical(const std::vector<record>& answers, std::string name) {
  for (int n = 0; n < most_aliases; ++n) {
    const auto alias = std::ranges::find_if(answers, [&](const record& r) {
      return r.type == record_type::cname && same_name(r.owner, name);
    });
    if (alias == answers.end()) break;
    name = alias->value;
  }
  return name;
}

bool belongs(const message& m, std::uint16_t id, const question& asked) {
  return m.is_answer && m.id == id && m.questions.size() == 1 &&
         m.questions.front().type == asked.type && same_name(m.questions.front().name, asked.name);
}

}  // namespace

judgement judge(const message& m, std::uint16_t id, const question& asked, bool edns) {
  // A server that does not know EDNS may not even repeat the question.
  const bool refuses_edns = edns && (m.code == format_error || m.code == not_implemented);
  if (refuses_edns && m.is_answer && m.id == id) return {verdict::edns_unknown, {}, {}};
  if (!belongs(m, id, asked)) return {};
  if (m.code != success && m.code != no_such_name) return {verdict::failed, {}, code_text(m.code)};
  if (m.truncated) return {verdict::cut_short, {}, {}};

  judgement result{verdict::looked, {}, {}};
  const std::string owner = canonical(m.answers, asked.name);
  std::ranges::copy_if(m.answers, std::back_inserter(result.records), [&](const record& r) {
    return r.type == asked.type && same_name(r.owner, owner);
  });
  // Neither of the zone nor one that asks others for its clients: it only points to other servers.
  const bool referral = m.code == success && !m.authoritative && !m.recursion_available;
  if (result.records.empty() && referral) return {verdict::failed, {}, "a referral"};
  return result;
}

}  // namespace warren::dns
