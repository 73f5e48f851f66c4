#include "agent/settings.hpp"
#include "base/file.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string_view>
#include <unistd.h>

namespace warren::agent {
namespace {

constexpr std::size_t max_conf_bytes = 1 << 20;
constexpr std::size_t max_conf_files = 256;
constexpr std::size_t max_addresses = 8;

void read_into(conf_files& conf, const std::string& path) {
  auto text = base::read_file(path, max_conf_bytes);
  if (text.has_error()) {
    conf.failures.push_back(text.error());
  } else {
    conf.files.push_back({path, std::move(*text)});
  }
}

// conf.d is read in sort order, *.conf alone; that there is none is no failure.
std::vector<std::string> conf_d_of(const std::string& path, conf_files& conf) {
  const std::string folder = (std::filesystem::path(path).parent_path() / "conf.d").string();
  std::vector<std::string> paths;
  std::error_code error;
  std::filesystem::directory_iterator entries(folder, error);
  while (!error && entries != std::filesystem::directory_iterator() &&
         paths.size() < max_conf_files) {
    if (entries->path().extension() == ".conf") paths.push_back(entries->path().string());
    entries.increment(error);
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    conf.failures.emplace_back(base::error_code(error.value(), boost::system::system_category()),
                               folder);
  }
  std::ranges::sort(paths);
  return paths;
}

conf_files read_conf(const std::string& path) {
  conf_files conf;
  read_into(conf, path);
  for (const std::string& part : conf_d_of(path, conf)) read_into(conf, part);
  return conf;
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

std::vector<std::string> own_variables() {
  std::vector<std::string> names;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    names.emplace_back(text.substr(0, text.find('=')));
  }
  return names;
}

std::string to_text(const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = nullptr;
  if (address->sa_family == AF_INET) {
    bytes = &reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
  } else {
    const in6_addr& v6 = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
    if (IN6_IS_ADDR_LINKLOCAL(&v6)) return {};
    bytes = &v6;
  }
  return ::inet_ntop(address->sa_family, bytes, text.data(), text.size()) != nullptr ? text.data()
                                                                                     : "";
}

std::vector<std::string> own_addresses() {
  std::vector<std::string> addresses;
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return addresses;
  for (const ifaddrs* i = first; i != nullptr && addresses.size() < max_addresses;
       i = i->ifa_next) {
    if (i->ifa_addr == nullptr || (i->ifa_flags & IFF_LOOPBACK) != 0) continue;
    const int family = i->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    std::string text = to_text(i->ifa_addr);
    if (!text.empty()) addresses.push_back(std::move(text));
  }
  ::freeifaddrs(first);
  return addresses;
}

}  // namespace

settings_sources process_sources(std::vector<std::string> arguments) {
  const auto variable = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  return {std::move(arguments), variable, read_conf, host_name(), own_variables(), own_addresses()};
}

}  // namespace warren::agent
