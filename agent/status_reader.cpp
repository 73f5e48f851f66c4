#include "agent/status_reader.hpp"

#include "kubernetes/json_walk.hpp"

#include <boost/system/error_category.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

namespace warren::agent {
namespace {

constexpr std::int64_t known_schema = 1;
constexpr std::size_t longest_text = 512;  // of the texts that are kept
constexpr std::size_t longest_shown = 80;

class category final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "warren.status"; }
  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<status_errc>(value)) {
      case status_errc::no_status:
        return "what answers on the agent's port is no agent's status";
      case status_errc::other_schema:
        return "the agent there has another version, whose status this one cannot read";
      case status_errc::other_service:
        return "the agent of another Service answers";
      case status_errc::other_node:
        return "the agent of another node answers";
      case status_errc::other_pod:
        return "the agent of another pod answers";
    }
    return "unknown error of a status";
  }
};

template <class Enum>
std::optional<Enum> named(std::string_view text, std::span<const Enum> all) {
  for (const Enum e : all) {
    if (domain::name(e) == text) return e;
  }
  return std::nullopt;
}

// Picks what is asked for; the rest of the status is for people.
class picker final : public kubernetes::json_visitor {
 public:
  bool begin_object(std::string_view path) override {
    if (path.empty()) ++roots_;
    if (path == "mark") mark_.emplace();
    if (path == "door") door_.emplace();
    return true;
  }
  bool number(std::string_view path, std::int64_t value) override {
    if (path == "schema") schema_ = value;
    return true;
  }
  bool boolean(std::string_view path, bool value) override {
    if (path == "gate_open") facts_.gate_open = value;
    if (path == "door_read") facts_.door_read = value;
    return true;
  }
  bool text(std::string_view path, std::string_view value) override {
    std::string* place = place_of(path);
    if (place == nullptr) return true;
    *place = value;
    return value.size() <= longest_text;
  }

  [[nodiscard]] base::result<domain::agent_facts> facts_for(const asked_agent& whom) const;

 private:
  std::string* place_of(std::string_view path) {
    if (path == "service") return &service_;
    if (path == "node") return &node_;
    if (path == "pod_uid") return &facts_.pod_uid;
    if (path == "has_data") return &has_data_;
    if (path == "leases") return &leases_;
    if (path == "cluster_id") return &facts_.cluster_id;
    if (mark_ && path == "mark/node") return &mark_->node;
    if (mark_ && path == "mark/state") return &mark_state_;
    if (mark_ && path == "mark/target") return &mark_->target;
    if (mark_ && path == "mark/cluster_id") return &mark_->cluster_id;
    if (door_ && path == "door/kind") return &door_kind_;
    if (door_ && path == "door/target") return &door_->target;
    if (door_ && path == "door/pod_uid") return &door_->pod_uid;
    return nullptr;
  }

  int roots_ = 0;
  std::optional<std::int64_t> schema_;
  std::string service_;
  std::string node_;
  std::string has_data_;
  std::string leases_;
  std::string mark_state_;
  std::string door_kind_;
  std::optional<domain::mark> mark_;
  std::optional<domain::door> door_;
  domain::agent_facts facts_;
};

std::string shown(std::string_view text) {
  if (text.empty()) return "none";
  const bool is_long = text.size() > longest_shown;
  return "'" + std::string(text.substr(0, longest_shown)) + (is_long ? "...'" : "'");
}

base::failure differs(status_errc code, std::string_view what, std::string_view said,
                      std::string_view expected) {
  std::string text(what);
  text += " " + shown(said) + ", not " + shown(expected);
  if (code == status_errc::other_pod && said.empty()) text += "; set POD_UID there";
  return {code, std::move(text)};
}

base::result<domain::agent_facts> picker::facts_for(const asked_agent& whom) const {
  using domain::door_kind;
  using domain::knowledge;
  using domain::mark_state;
  if (roots_ != 1) return base::failure(status_errc::no_status);
  if (schema_ != known_schema) {
    const std::string said = schema_ ? std::to_string(*schema_) : "";
    return differs(status_errc::other_schema, "schema", said, std::to_string(known_schema));
  }
  if (service_ != whom.service) {
    return differs(status_errc::other_service, "Service", service_, whom.service);
  }
  if (node_ != whom.node) return differs(status_errc::other_node, "node", node_, whom.node);
  if (!whom.pod_uid.empty() && facts_.pod_uid != whom.pod_uid) {
    return differs(status_errc::other_pod, "pod uid", facts_.pod_uid, whom.pod_uid);
  }
  constexpr std::array knowledges{knowledge::no, knowledge::yes, knowledge::unknown};
  constexpr std::array states{mark_state::founding, mark_state::joining, mark_state::member};
  constexpr std::array kinds{door_kind::closed, door_kind::found, door_kind::classic,
                             door_kind::seed, door_kind::join_by_calls};
  domain::agent_facts facts = facts_;
  facts.has_data =
      named(has_data_, std::span<const knowledge>(knowledges)).value_or(knowledge::unknown);
  facts.leases =
      named(leases_, std::span<const knowledge>(knowledges)).value_or(knowledge::unknown);
  const auto state = named(mark_state_, std::span<const mark_state>(states));
  // What a newer agent says of itself must not be taken for nothing.
  if (mark_ && !state)
    return differs(status_errc::other_schema, "mark", mark_state_, "a known one");
  if (mark_) {
    facts.mark = mark_;
    facts.mark->state = *state;
  }
  const auto kind = named(door_kind_, std::span<const door_kind>(kinds));
  if (door_ && !kind) return differs(status_errc::other_schema, "door", door_kind_, "a known one");
  if (door_) {
    facts.door = door_;
    facts.door->kind = *kind;
  }
  return facts;
}

}  // namespace

boost::system::error_code make_error_code(status_errc e) {
  static const category instance;
  return {static_cast<int>(e), instance};
}

base::result<domain::agent_facts> read_status(std::string_view body, const asked_agent& whom) {
  picker seen;
  if (body.size() > max_status || !kubernetes::walk_json(body, seen)) {
    return base::failure(status_errc::no_status);
  }
  return seen.facts_for(whom);
}

}  // namespace warren::agent
