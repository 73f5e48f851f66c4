#include "tests/simulation/timeline.hpp"

#include <algorithm>
#include <utility>

namespace warren::simulation {

void timeline::after(duration wait, std::function<void()> what) {
  heap_.push_back({now_ + wait, asked_++, std::move(what)});
  std::ranges::push_heap(heap_, later);
}

bool timeline::next() {
  if (heap_.empty()) return false;
  std::ranges::pop_heap(heap_, later);
  event due = std::move(heap_.back());
  heap_.pop_back();
  now_ = due.when;
  due.what();
  return true;
}

}  // namespace warren::simulation
