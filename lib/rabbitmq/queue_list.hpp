#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace warren::rabbitmq {

// Queues that something was found out of: `count` of them, at most `most_names` by name
// ("'q' in '/'"), with what the broker said where it said something.
struct queue_list {
  static constexpr std::size_t most_names = 20;
  std::size_t count = 0;
  std::vector<std::string> names;

  void add(std::string name) {
    ++count;
    if (names.size() < most_names) names.push_back(std::move(name));
  }
  void add(queue_list others) {
    const std::size_t unnamed = others.count - others.names.size();
    for (std::string& name : others.names) add(std::move(name));
    count += unnamed;
  }
  friend bool operator==(const queue_list&, const queue_list&) = default;
};

}  // namespace warren::rabbitmq
