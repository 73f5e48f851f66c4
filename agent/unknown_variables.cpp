#include "agent/unknown_variables.hpp"

#include "agent/settings_table.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string_view>

namespace warren::agent {
namespace {

constexpr std::string_view prefix = "WARREN_";
constexpr std::size_t longest = 64;  // of a name that is compared
constexpr std::size_t close = 3;     // letters too many, missing or wrong

std::vector<std::string> known_variables() {
  std::vector<std::string> known;
  for (const settings_group& group : settings_table()) {
    for (const setting& s : group.settings) {
      for (std::string& name : s.variables()) known.push_back(std::move(name));
    }
  }
  return known;
}

// Kubelet's variables for a Service share the beginning of its NAME_SERVICE_HOST.
bool is_of_a_service(std::string_view name, const std::vector<std::string>& names) {
  constexpr std::string_view host = "_SERVICE_HOST";
  return std::ranges::any_of(names, [&](std::string_view other) {
    if (!other.ends_with(host)) return false;
    other.remove_suffix(host.size());
    if (!name.starts_with(other)) return false;
    const std::string_view rest = name.substr(other.size());
    return rest.starts_with("_SERVICE_") || rest == "_PORT" || rest.starts_with("_PORT_");
  });
}

// Levenshtein's distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

std::string nearest(std::string_view name, const std::vector<std::string>& known) {
  std::string best;
  std::size_t least = close + 1;
  for (const std::string& candidate : known) {
    if (name.size() > longest || !candidate.starts_with(prefix)) continue;
    const std::size_t d = distance(name, candidate);
    if (d >= least) continue;
    least = d;
    best = candidate;
  }
  return best;
}

}  // namespace

std::vector<std::string> unknown_variables(const std::vector<std::string>& names) {
  const std::vector<std::string> known = known_variables();
  std::vector<std::string> problems;
  for (const std::string& name : names) {
    const bool is_known = std::ranges::find(known, name) != known.end();
    if (!name.starts_with(prefix) || is_known || is_of_a_service(name, names)) continue;
    const std::string meant = nearest(name, known);
    problems.push_back(name + ": no such variable" +
                       (meant.empty() ? "" : "; " + meant + " has a similar name"));
  }
  std::ranges::sort(problems);
  return problems;
}

}  // namespace warren::agent
