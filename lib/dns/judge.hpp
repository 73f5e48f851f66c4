#pragma once

#include "dns/message.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace warren::dns {

// What a message means to the one who asked.
enum class verdict {
  looked,        // the records are all there are; none: there is no such name or no such record
  foreign,       // it does not belong to the question: the answer may still come
  cut_short,     // to be asked again over TCP
  edns_unknown,  // to be asked again without EDNS (RFC 6891 section 7)
  failed,        // the server could not find out; another server may
};

struct judgement {
  verdict what = verdict::foreign;
  std::vector<record> records;  // looked: of the type that was asked for, behind all CNAMEs
  std::string why;              // failed: "SERVFAIL"
};

// `edns`: whether the query had it.
judgement judge(const message& m, std::uint16_t id, const question& asked, bool edns);

}  // namespace warren::dns
