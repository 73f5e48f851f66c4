#include "agent/rabbitmq_conf.hpp"

#include <algorithm>
#include <optional>

namespace warren::agent {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         c == '-' || c == '.';
}

// "a" of "'a' # why" and of "a # why". Nothing if there is no value.
std::optional<std::string_view> value_of(std::string_view text) {
  if (text.starts_with('\'')) {
    const std::size_t end = text.find('\'', 1);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view rest = trimmed(text.substr(end + 1));
    if (!rest.empty() && rest.front() != '#') return std::nullopt;
    return text.substr(1, end - 1);
  }
  const std::string_view value = trimmed(text.substr(0, text.find('#')));
  return value.empty() ? std::nullopt : std::optional(value);
}

std::optional<conf_setting> parse_line(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  const std::string_view key = trimmed(line.substr(0, equals));
  if (key.empty() || !std::all_of(key.begin(), key.end(), is_word)) return std::nullopt;
  const auto value = value_of(trimmed(line.substr(equals + 1)));
  if (!value) return std::nullopt;
  return conf_setting{std::string(key), std::string(*value)};
}

}  // namespace

std::vector<conf_setting> parse_rabbitmq_conf(std::string_view text) {
  std::vector<conf_setting> settings;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (auto setting = parse_line(text.substr(0, end))) {
      setting->line = number;
      settings.push_back(std::move(*setting));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return settings;
}

}  // namespace warren::agent
