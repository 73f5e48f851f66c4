#pragma once

#include "tests/support/fake_kube_request.hpp"

#include <string>
#include <utility>
#include <vector>

namespace warren::testing {

struct kube_answer {
  unsigned status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
};

// A Status object, as Kubernetes 1.29 words it for `code`.
nlohmann::json kube_status(unsigned code, const std::string& reason, const std::string& message,
                           const kube_key& about = {});
kube_answer status_answer(unsigned code, const std::string& reason, const std::string& message,
                          const kube_key& about = {});
// What a server says with `code` when nothing more is known (429 and 5xx storms).
kube_answer plain_answer(unsigned code);
kube_answer forbidden_answer(const kube_request& request);
kube_answer not_found_path();
// The in-stream object and the answer for a version that is compacted away.
nlohmann::json expired_status(std::uint64_t asked, std::uint64_t oldest);
// "Too large resource version", if `text` is newer than the store; 400, if it is no number.
std::optional<kube_answer> refused_version(const fake_kube_store& store, const std::string& text);

// Answers every verb but watch, and changes the store for those that write. Total: a request that
// Kubernetes refuses is refused with its code, reason and message. Strategic merge patches are
// taken as merge patches.
kube_answer answer_request(fake_kube_store& store, const kube_request& request);

}  // namespace warren::testing
