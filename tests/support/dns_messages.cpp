#include "tests/support/dns_messages.hpp"

#include <arpa/inet.h>
#include <cstddef>
#include <map>
#include <stdexcept>

namespace warren::testing {
namespace {

constexpr std::size_t header = 12;

std::string word(unsigned value) {
  return {static_cast<char>(value >> 8U), static_cast<char>(value & 0xffU)};
}

std::string address(int family, std::size_t size, const std::string& text) {
  std::string bytes(size, '\0');
  if (inet_pton(family, text.c_str(), bytes.data()) != 1) throw std::invalid_argument(text);
  return bytes;
}

// Where the first question's name ends; it is never compressed.
std::size_t end_of_name(std::string_view query) {
  std::size_t at = header;
  while (query.at(at) != 0) at += static_cast<unsigned char>(query[at]) + 1U;
  return at + 1;
}

}  // namespace

std::string dns_name(std::string_view name) {
  std::string bytes;
  while (!name.empty()) {
    const std::string_view label = name.substr(0, name.find('.'));
    bytes += static_cast<char>(label.size());
    bytes += label;
    name.remove_prefix(std::min(label.size() + 1, name.size()));
  }
  return bytes + '\0';
}

std::string dns_record(std::string_view owner, std::uint16_t type, const std::string& data) {
  const std::string five_seconds{0, 0, 0, 5};
  return dns_name(owner) + word(type) + word(1) + five_seconds +
         word(static_cast<unsigned>(data.size())) + data;
}

std::string dns_a(std::string_view owner, const std::string& text) {
  return dns_record(owner, 1, address(AF_INET, 4, text));
}
std::string dns_aaaa(std::string_view owner, const std::string& text) {
  return dns_record(owner, 28, address(AF_INET6, 16, text));
}
std::string dns_cname(std::string_view owner, std::string_view target) {
  return dns_record(owner, 5, dns_name(target));
}
std::string dns_srv(std::string_view owner, std::string_view target, std::uint16_t port) {
  return dns_record(owner, 33, word(0) + word(100) + word(port) + dns_name(target));
}

std::string dns_answer(std::string_view query, const dns_reply& reply) {
  unsigned flags = 0x8100U | static_cast<unsigned>(reply.code);
  if (reply.authoritative) flags |= 0x0400U;
  if (reply.truncated) flags |= 0x0200U;
  if (reply.recursion_available) flags |= 0x0080U;
  const std::size_t end = end_of_name(query) + 4;
  std::string bytes(query.substr(0, 2));
  bytes += word(flags) + word(1) + word(static_cast<unsigned>(reply.answers.size())) + word(0) +
           word(static_cast<unsigned>(reply.additional.size()));
  bytes += query.substr(header, end - header);
  for (const std::string& r : reply.answers) bytes += r;
  for (const std::string& r : reply.additional) bytes += r;
  return bytes;
}

std::string dns_question(std::string_view query) {
  static const std::map<unsigned, std::string> types{
      {1, "A"}, {5, "CNAME"}, {28, "AAAA"}, {33, "SRV"}};
  const std::size_t end = end_of_name(query);
  std::string text = types.at(static_cast<unsigned char>(query.at(end)) * 256U +
                              static_cast<unsigned char>(query.at(end + 1))) +
                     " ";
  for (std::size_t at = header; query[at] != 0;) {
    const auto size = static_cast<unsigned char>(query[at]);
    if (at > header) text += '.';
    for (const char c : query.substr(at + 1, size)) {
      text += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    at += size + 1U;
  }
  return text;
}

bool dns_has_edns(std::string_view query) {
  return query.size() > 11 && query[11] != 0;
}

}  // namespace warren::testing
