#include "agent/domain/words.hpp"

#include <algorithm>
#include <cstddef>

namespace warren::domain {

std::string some_of(std::span<const std::string> names) {
  constexpr std::size_t max_named = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), max_named); ++i) {
    text += (i > 0 ? ", " : "") + names[i];
  }
  if (names.size() > max_named) {
    text += " and " + std::to_string(names.size() - max_named) + " more";
  }
  return text;
}

std::string text(base::duration d) {
  using namespace std::chrono;
  const auto ms = std::max<long long>(0, duration_cast<milliseconds>(d).count());
  const long long s = ms / 1000;
  if (s >= 120) return std::to_string(s / 60) + "m" + std::to_string(s % 60) + "s";
  if (s >= 10) return std::to_string(s) + "s";
  return std::to_string(s) + "." + std::to_string(ms % 1000 / 100) + "s";
}

}  // namespace warren::domain
