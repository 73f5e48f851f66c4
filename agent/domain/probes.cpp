#include "agent/domain/probes.hpp"

#include <algorithm>

namespace warren::domain {
namespace {

constexpr std::size_t max_named = 8;         // foreign words that an answer repeats,
constexpr std::size_t max_name_length = 64;  // and how much of each

std::string_view path(probe kind) {
  return kind == probe::readyz ? "readyz" : "livez";
}

bool passes(probe kind, const check_result& r) {
  if (r.result == outcome::unknown) return kind == probe::livez;
  return r.result == outcome::pass;
}

std::string line(const check_result& r) {
  const std::string who(name(r.what));
  switch (r.result) {
    case outcome::pass:
      return "[+]" + who + " ok" + (r.reason.empty() ? "" : " (" + r.reason + ")") + "\n";
    case outcome::fail:
      return "[-]" + who + " failed: " + r.reason + "\n";
    case outcome::unknown:
      return "[ ]" + who + " unknown: " + r.reason + "\n";
  }
  return {};
}

// A word of the prober's, made harmless: quoted, printable, short.
std::string in_quotes(std::string_view word) {
  std::string text = "\"";
  for (const char c : word.substr(0, max_name_length)) text += c > ' ' && c < 0x7f ? c : '?';
  return text + (word.size() > max_name_length ? "...\"" : "\"");
}

std::string list_of(const std::vector<check>& checks) {
  std::string text;
  for (const check c : checks) text += (text.empty() ? "" : ", ") + std::string(name(c));
  return text;
}

check_result find(const std::vector<check_result>& report, check what) {
  const auto at = std::ranges::find(report, what, &check_result::what);
  return at == report.end() ? check_result{what, outcome::unknown, "not looked yet", {}} : *at;
}

// "warn: ..." for names in ?exclude= that this probe has no check for; empty if there are none.
std::string warning(const std::vector<std::string>& exclude, const std::vector<check>& checks) {
  std::string text;
  std::size_t count = 0;
  for (const std::string& word : exclude) {
    const auto known = check_named(word);
    if (known && std::ranges::find(checks, *known) != checks.end()) continue;
    if (++count <= max_named) text += (count > 1 ? "," : "") + in_quotes(word);
  }
  if (count == 0) return {};
  return "warn: some health checks cannot be excluded: no matches for " + text + "\n";
}

probe_answer answer_one(probe kind, const std::vector<check_result>& report,
                        const probe_query& query) {
  const auto what = check_named(*query.only);
  if (!what) {
    std::vector<check> all;
    all.reserve(report.size());
    for (const check_result& r : report) all.push_back(r.what);
    return {404, "no check " + in_quotes(*query.only) + "; there are " + list_of(all) + "\n"};
  }
  const check_result r = find(report, *what);
  if (!passes(kind, r)) return {503, line(r)};
  return {200, query.verbose ? line(r) : "ok\n"};
}

}  // namespace

std::vector<check> checks_of(probe kind, readiness_level level) {
  if (kind == probe::livez) {
    return {check::responsive, check::boot, check::door, check::local_alarms,
            check::port_connectivity};
  }
  // These at every level: rows "draining" and "not those of the record" take the broker out of its
  // Service.
  std::vector<check> checks{check::ping, check::in_service, check::cluster};
  if (level >= readiness_level::running) checks.push_back(check::running);
  if (level >= readiness_level::serving) checks.push_back(check::port_connectivity);
  return checks;
}

probe_answer answer_probe(probe kind, const std::vector<check_result>& report,
                          readiness_level level, const probe_query& query) {
  if (query.only) return answer_one(kind, report, query);

  const std::vector<check> checks = checks_of(kind, level);
  bool good = true;
  std::string all;
  std::string failed;
  for (const check what : checks) {
    if (std::ranges::find(query.exclude, name(what)) != query.exclude.end()) {
      all += "[+]" + std::string(name(what)) + " excluded: ok\n";
      continue;
    }
    const check_result r = find(report, what);
    all += line(r);
    if (passes(kind, r)) continue;
    good = false;
    failed += line(r);
  }
  const std::string last =
      std::string(path(kind)) + " check " + (good ? "passed" : "failed") + "\n";
  const std::string warn = warning(query.exclude, checks);
  if (query.verbose) return {good ? 200 : 503, all + warn + last};
  return {good ? 200 : 503, good ? "ok\n" : failed + warn + last};
}

}  // namespace warren::domain
