#include "agent/record_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <vector>

namespace warren::agent {
namespace {

using json = nlohmann::json;

constexpr int schema = 1;
constexpr std::size_t longest_record = std::size_t{64} * 1024;
constexpr std::size_t most_members = 256;

base::failure damaged(const std::string& what) {
  using namespace boost::system::errc;
  return {make_error_code(bad_message),
          "the cluster's record (annotation of the Lease) is " + what +
              "; a newer release may have written it: update this one, or correct the annotation"};
}

// A member that is absent is empty; nothing if it is of another kind.
std::optional<std::string> text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return std::string();
  if (!found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

}  // namespace

std::string encode_record(const domain::cluster_record& record) {
  const json whole = {
      {"schema", schema},
      {"state", record.founded ? "founded" : "founding"},
      {"cluster_id", record.cluster_id},
      {"members", record.members},
      {"founder", record.founder},
      {"founder_uid", record.founder_uid},
      {"forgetting", record.forgetting},
      {"overruled", record.overruled},
  };
  return whole.dump(-1, ' ', false, json::error_handler_t::replace);
}

base::result<domain::cluster_record> decode_record(std::string_view text) {
  if (text.size() > longest_record) return damaged("too long");
  const json whole = json::parse(text, nullptr, false);
  if (!whole.is_object()) return damaged("no JSON object");
  if (whole.value("schema", json()) != schema) return damaged("of a schema that is not known here");
  const auto state = text_of(whole, "state");
  if (state != "founded" && state != "founding") return damaged("in no known state");
  domain::cluster_record record{.founded = state == "founded"};
  const auto take = [&](const char* key, std::string& target) {
    auto value = text_of(whole, key);
    if (value) target = std::move(*value);
    return value.has_value();
  };
  if (!take("cluster_id", record.cluster_id) || !take("founder", record.founder) ||
      !take("founder_uid", record.founder_uid) || !take("forgetting", record.forgetting) ||
      !take("overruled", record.overruled)) {
    return damaged("not as it should be");
  }
  const json members = whole.value("members", json::array());
  if (!members.is_array() || members.size() > most_members) return damaged("without its members");
  for (const json& member : members) {
    if (!member.is_string()) return damaged("without its members");
    record.members.push_back(member.get<std::string>());
  }
  std::ranges::sort(record.members);
  return record;
}

}  // namespace warren::agent
