#include "base/wall_text.hpp"

#include <array>
#include <ctime>

namespace warren::base {
namespace {

std::string fraction(std::chrono::microseconds rest, precision digits) {
  if (digits == precision::seconds) return {};
  const std::string six = std::to_string(1'000'000 + rest.count()).substr(1);
  return "." + six.substr(0, digits == precision::milliseconds ? 3 : 6);
}

}  // namespace

std::string rfc3339(wall_time at, precision digits) {
  using std::chrono::microseconds;
  const auto whole = std::chrono::floor<std::chrono::seconds>(at);
  const std::time_t seconds = wall_clock::to_time_t(whole);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 32> date{};
  const std::size_t length = std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  const auto rest = std::chrono::duration_cast<microseconds>(at - whole);
  return std::string(date.data(), length) + fraction(rest, digits) + "Z";
}

}  // namespace warren::base
