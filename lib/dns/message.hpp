#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Messages as on the wire (RFC 1035 section 4, with RFC 2782 for SRV, 3596 for AAAA, 6891 for the
// size that a server may send by UDP).
namespace warren::dns {

// other: one that is not known here.
enum class record_type : std::uint16_t { other = 0, a = 1, cname = 5, aaaa = 28, srv = 33 };
std::string_view name(record_type t);  // "SRV"

struct question {
  std::string name;  // complete: "rmq.shop.svc.cluster.local"; a dot at its end changes nothing
  record_type type = record_type::a;
};

// A record of class IN and of one of the known types; all others are left out of a message.
struct record {
  std::string owner;
  record_type type = record_type::a;
  std::string value;       // a, aaaa: the address; cname: the other name; srv: the target's name
  std::uint16_t port = 0;  // srv
  friend bool operator==(const record&, const record&) = default;
};

struct message {
  std::uint16_t id = 0;
  bool is_answer = false;
  bool authoritative = false;
  bool truncated = false;
  bool recursion_available = false;
  int code = 0;  // RCODE: 0 is success, 3 "no such name"
  std::vector<question> questions;
  std::vector<record> answers;
  std::vector<record> additional;
};

// The most bytes that a server is told to send in one datagram: what passes every network in one
// piece.
constexpr std::uint16_t largest_datagram = 1232;

// A recursive query; with `edns` it offers largest_datagram, else the server keeps to 512 bytes.
// Fails with bad_name.
base::result<std::string> encode_query(std::uint16_t id, const question& q, bool edns);

// Nothing if the bytes are no whole message; of a truncated one the records may be missing. Names
// come without the dot at the end; bytes of a label other than letters, digits, '-' and '_' are
// escaped as \DDD, so that a value never holds more than it seems. Total.
std::optional<message> decode_message(std::string_view bytes);

// Names are the same in both cases of letters, and with or without the dot at the end.
bool same_name(std::string_view a, std::string_view b);

}  // namespace warren::dns
