// A watch's bytes, whole and cut: the events must be the same, and no input may throw.
#include "kubernetes/watch_decoder.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  warren::kubernetes::watch_decoder whole(4096);
  std::vector<warren::kubernetes::watch_event> events;
  const bool ok = whole.feed(bytes, events).has_value();

  const std::size_t cut = bytes.empty() ? 0 : data[0] % bytes.size();
  warren::kubernetes::watch_decoder sliced(4096);
  std::vector<warren::kubernetes::watch_event> again;
  bool sliced_ok = sliced.feed(bytes.substr(0, cut), again).has_value();
  if (sliced_ok) sliced_ok = sliced.feed(bytes.substr(cut), again).has_value();
  if (ok != sliced_ok || events.size() != again.size()) std::abort();
  return 0;
}
