#include "dns/config.hpp"

#include "base/file.hpp"
#include "dns/message.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <optional>

namespace warren::dns {
namespace {

constexpr std::size_t most_servers = 3;
constexpr std::size_t most_domains = 32;
constexpr std::size_t most_dots = 15;
constexpr std::size_t most_addresses = 16;
constexpr std::size_t longest_name = 253;
constexpr std::size_t largest_file = 1 << 16;

std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view blanks = " \t\r";
  std::vector<std::string_view> words;
  for (;;) {
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    if (line.empty()) return words;
    words.push_back(line.substr(0, line.find_first_of(blanks)));
    line.remove_prefix(words.back().size());
  }
}

// Calls `use(words)` for each line of a file whose comments begin with one of `comments`.
template <class Use>
void for_each_line(std::string_view text, std::string_view comments, Use use) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    use(words_of(line.substr(0, line.find_first_of(comments))));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
}

bool is_address(std::string_view text) {
  std::array<char, sizeof(in6_addr)> out{};
  const std::string whole(text);
  return inet_pton(AF_INET, whole.c_str(), out.data()) == 1 ||
         inet_pton(AF_INET6, whole.c_str(), out.data()) == 1;
}

std::optional<std::size_t> dots_of(std::string_view option) {
  constexpr std::string_view key = "ndots:";
  if (!option.starts_with(key)) return std::nullopt;
  option.remove_prefix(key.size());
  std::size_t dots = 0;
  const auto [end, error] = std::from_chars(option.data(), option.data() + option.size(), dots);
  if (error != std::errc() || end != option.data() + option.size()) return std::nullopt;
  return std::min(dots, most_dots);
}

}  // namespace

config parse_resolv_conf(std::string_view text) {
  config c;
  for_each_line(text, "#;", [&](const std::vector<std::string_view>& words) {
    if (words.size() < 2) return;
    if (words[0] == "nameserver" && c.servers.size() < most_servers) {
      c.servers.push_back({std::string(words[1])});
    } else if (words[0] == "search" || words[0] == "domain") {
      c.search.clear();
      const std::size_t end = std::min(words.size(), words[0] == "domain" ? 2 : most_domains + 1);
      for (std::size_t n = 1; n < end; ++n) c.search.emplace_back(words[n]);
    } else if (words[0] == "options") {
      for (const std::string_view option : words) c.dots = dots_of(option).value_or(c.dots);
    }
  });
  if (c.servers.empty()) c.servers.push_back({"127.0.0.1"});
  return c;
}

base::result<config> read_resolv_conf(const std::string& path) {
  const base::result<std::string> text = base::read_file(path, largest_file);
  if (text.has_error()) return text.error();
  return parse_resolv_conf(*text);
}

std::vector<std::string> names_to_try(std::string_view name, const config& c) {
  if (name.ends_with('.')) return {std::string(name.substr(0, name.size() - 1))};
  std::vector<std::string> names;
  for (std::string_view domain : c.search) {
    if (domain.ends_with('.')) domain.remove_suffix(1);
    if (domain.empty()) continue;
    std::string whole = std::string(name) + "." + std::string(domain);
    if (whole.size() <= longest_name) names.push_back(std::move(whole));
  }
  const auto dots = static_cast<std::size_t>(std::ranges::count(name, '.'));
  names.emplace(dots >= c.dots ? names.begin() : names.end(), name);
  return names;
}

std::vector<std::string> addresses_in_hosts(std::string_view text, std::string_view name) {
  std::vector<std::string> addresses;
  for_each_line(text, "#", [&](const std::vector<std::string_view>& words) {
    if (addresses.size() >= most_addresses || words.size() < 2 || !is_address(words[0])) return;
    const bool here = std::any_of(words.begin() + 1, words.end(),
                                  [&](std::string_view host) { return same_name(host, name); });
    if (here) addresses.emplace_back(words[0]);
  });
  return addresses;
}

}  // namespace warren::dns
