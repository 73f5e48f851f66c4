#include "kubernetes/in_cluster.hpp"

#include "base/file.hpp"

namespace warren::kubernetes {
namespace {

constexpr std::size_t max_size = std::size_t{1024} * 1024;
constexpr auto lasts = std::chrono::minutes(1);  // as client-go's token source

}  // namespace

base::result<bool> rotated_file::refresh(base::time_point now) {
  if (read_ && now - read_at_ < lasts) return false;
  const base::result<std::string> text = base::read_file(path_, max_size);
  read_ = true;
  read_at_ = now;
  if (!text) {
    read_ = false;
    if (text_.empty()) return text.error();
    return false;
  }
  const std::size_t end = text->find_last_not_of(" \t\r\n");
  base::secret fresh(text->substr(0, end == std::string::npos ? 0 : end + 1));
  if (fresh == text_) return false;
  text_ = std::move(fresh);
  return true;
}

}  // namespace warren::kubernetes
