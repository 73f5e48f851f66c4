#include "erldist/epmd_codec.hpp"

#include "erldist/bytes.hpp"
#include "erldist/errc.hpp"

namespace warren::erldist {
namespace {

constexpr std::uint8_t port_please2_request = 122;
constexpr std::uint8_t port2_response = 119;

}  // namespace

std::string encode_port_request(std::string_view alive) {
  std::string request;
  append_number(request, static_cast<std::uint16_t>(1 + alive.size()));
  append_number(request, port_please2_request);
  request += alive;
  return request;
}

base::result<std::optional<epmd_answer>> decode_port_answer(std::string_view bytes,
                                                            std::string_view alive) {
  byte_reader in(bytes);
  if (in.number<std::uint8_t>() != port2_response && in.complete()) {
    return base::failure(errc::epmd_protocol);
  }
  const auto refused = in.number<std::uint8_t>();
  if (in.complete() && refused != 0) {
    return base::failure(errc::node_not_registered, std::string(alive));
  }
  epmd_answer answer;
  answer.port = in.number<std::uint16_t>();
  answer.node_type = in.number<std::uint8_t>();
  in.number<std::uint8_t>();  // the transport: always TCP
  answer.highest_version = in.number<std::uint16_t>();
  answer.lowest_version = in.number<std::uint16_t>();
  const std::string_view name = in.text(in.number<std::uint16_t>());
  if (!in.complete()) {
    // An answer about another name cannot become right by more bytes.
    if (bytes.size() > 12 + alive.size()) return base::failure(errc::epmd_protocol);
    return std::optional<epmd_answer>();
  }
  if (name != alive || answer.port == 0) return base::failure(errc::epmd_protocol);
  return std::optional<epmd_answer>(answer);
}

}  // namespace warren::erldist
