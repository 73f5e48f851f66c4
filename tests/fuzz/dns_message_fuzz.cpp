#include "dns/judge.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

// Any bytes are a message or none; names stay within what RFC 1035 allows, escaped.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace warren::dns;
  const auto m = decode_message(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!m) return 0;
  for (const auto* list : {&m->answers, &m->additional}) {
    for (const record& r : *list) {
      if (r.value.empty() || r.value.size() > 4 * 255 || r.owner.size() > 4 * 255) std::abort();
    }
  }
  if (m->questions.empty()) return 0;
  const judgement j = judge(*m, m->id, m->questions.front(), true);
  for (const record& r : j.records) {
    if (r.type != m->questions.front().type) std::abort();
  }
  return 0;
}
