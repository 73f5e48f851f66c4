#pragma once

#include "kubernetes/endpoint_slice_json.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace warren::kubernetes {

// Splits the body of a watch into lines and lines into events, however the bytes were cut. Without
// IO. After a failure it is of no use: what follows could not be told from what is missing.
class watch_decoder {
 public:
  // etcd's default limit for an object is 1.5 MiB.
  explicit watch_decoder(std::size_t max_line = std::size_t{2} * 1024 * 1024)
      : max_line_(max_line) {}

  // Appends the events whose lines end in `bytes`. Events of an unknown type are counted and passed
  // over. Fails with malformed_answer for a line that is no event, with answer_too_large for a line
  // beyond the limit.
  base::result<void> feed(std::string_view bytes, std::vector<watch_event>& events);

  [[nodiscard]] std::uint64_t unknown_events() const { return unknown_events_; }

 private:
  base::result<void> line(std::string_view text, std::vector<watch_event>& events);

  std::size_t max_line_;
  std::string begun_;  // a line whose end has not come
  std::uint64_t unknown_events_ = 0;
};

}  // namespace warren::kubernetes
