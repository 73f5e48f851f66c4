#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace warren::testing {

// DNS messages made byte by byte from RFC 1035, with no help from the decoder that is tested.

std::string dns_name(std::string_view name);  // uncompressed
std::string dns_record(std::string_view owner, std::uint16_t type, const std::string& data);
std::string dns_a(std::string_view owner, const std::string& address);
std::string dns_aaaa(std::string_view owner, const std::string& address);
std::string dns_cname(std::string_view owner, std::string_view target);
std::string dns_srv(std::string_view owner, std::string_view target, std::uint16_t port = 5672);

struct dns_reply {
  int code = 0;
  bool authoritative = true;
  bool truncated = false;
  bool recursion_available = true;
  std::vector<std::string> answers;  // records
  std::vector<std::string> additional;
};

// The answer to `query`, whose id and first question are repeated.
std::string dns_answer(std::string_view query, const dns_reply& reply);

// What a query asks for: "SRV _amqp._tcp.rmq", in lower case.
std::string dns_question(std::string_view query);
// Whether it has an OPT record (RFC 6891).
bool dns_has_edns(std::string_view query);

}  // namespace warren::testing
