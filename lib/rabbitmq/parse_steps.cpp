#include "rabbitmq/parse_steps.hpp"

#include "etf/match.hpp"
#include "etf/to_text.hpp"
#include "rabbitmq/unexpected.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace warren::rabbitmq {
namespace {

using etf::term;

constexpr std::size_t longest_reason = 300;

// On one line, and not without end; no character of UTF-8 is cut in two.
std::string line(std::string_view text) {
  std::string all(text);
  if (all.size() > longest_reason) {
    std::size_t end = longest_reason;
    while (end > 0 && (static_cast<unsigned char>(all[end]) & 0xC0) == 0x80) --end;
    all.resize(end);
  }
  for (char& c : all) {
    if (static_cast<unsigned char>(c) < ' ' || c == 127) c = ' ';
  }
  return all;
}

// {resource, VirtualHost, queue, Name}
std::optional<std::string> queue_name(const term& t) {
  const auto* resource = etf::as_tagged(t, "resource", 4);
  if (!resource || !etf::is_atom((*resource)[2], "queue")) return std::nullopt;
  const auto vhost = etf::as_binary((*resource)[1]);
  const auto name = etf::as_binary((*resource)[3]);
  if (!vhost || !name) return std::nullopt;
  return "'" + line(*name) + "' in '" + line(*vhost) + "'";
}

// Whether any of the atoms is in the term, at any depth of tuples and lists.
bool mentions(const term& t, const auto& atoms) {
  if (const auto name = etf::as_atom(t)) {
    return std::find(atoms.begin(), atoms.end(), *name) != atoms.end();
  }
  const auto* elements = etf::as_tuple(t);
  if (!elements) elements = etf::as_list(t);
  if (!elements) return false;
  return std::ranges::any_of(*elements, [&](const term& e) { return mentions(e, atoms); });
}

// What Ra answers when nobody can commit a change.
constexpr std::array<std::string_view, 6> without_quorum{"timeout",
                                                         "noproc",
                                                         "nodedown",
                                                         "coordinator_unavailable",
                                                         "no_more_servers_to_try",
                                                         "cluster_change_not_permitted"};

// A text that the broker made for people, or the term.
std::string words(const term& reason) {
  if (const auto text = etf::as_text(reason); text && !text->empty()) return line(*text);
  // {Tag, Text}
  const auto* pair = etf::as_tuple(reason, 2);
  const auto text = pair ? etf::as_text(pair->back()) : std::nullopt;
  if (text && !text->empty()) return line(*text);
  return etf::to_text(reason, longest_reason);
}

queue_outcome::kind kind_of_queue(const term& reason) {
  using kind = queue_outcome::kind;
  if (mentions(reason, std::array<std::string_view, 1>{"not_member"})) return kind::unnoted;
  if (etf::is_atom(reason, "last_node") || etf::is_atom(reason, "last_stream_member")) {
    return kind::last_one;
  }
  return mentions(reason, without_quorum) ? kind::no_quorum : kind::failed;
}

std::optional<queue_outcome> outcome_of(const term& element) {
  const auto* pair = etf::as_tuple(element, 2);
  auto name = pair ? queue_name(pair->front()) : std::nullopt;
  if (!name) return std::nullopt;
  const term& result = pair->back();
  if (etf::is_atom(result, "ok") || etf::as_tagged(result, "ok", 2)) {
    return queue_outcome{.name = std::move(*name), .id = pair->front()};
  }
  const auto* error = etf::as_tagged(result, "error", 3);
  if (!error) error = etf::as_tagged(result, "error", 2);
  if (!error) return std::nullopt;
  // delete_all_replicas/1 puts the coordinator's {error, Reason} into one more {error, _}.
  const term* reason = &error->back();
  if (const auto* inner = etf::as_tagged(*reason, "error", 2)) reason = &inner->back();
  return queue_outcome{.name = std::move(*name),
                       .what = kind_of_queue(*reason),
                       .reason = words(*reason),
                       .id = pair->front()};
}

std::optional<std::vector<std::string>> nodes_of(const term& t) {
  std::vector<std::string> nodes;
  if (const auto* by_node = std::get_if<etf::map>(&t.value())) {
    for (const auto& [node, unused] : by_node->entries) {
      const auto name = etf::as_atom(node);
      if (!name) return std::nullopt;
      nodes.emplace_back(*name);
    }
    return nodes;
  }
  const auto* elements = etf::as_list(t);
  if (!elements) return std::nullopt;
  for (const term& element : *elements) {
    const auto name = etf::as_atom(element);
    if (!name) return std::nullopt;
    nodes.emplace_back(*name);
  }
  return nodes;
}

step_kind kind_of_step(const term& reason) {
  const term* what = &reason;
  // {failed_to_remove_node, Node, Why}
  if (const auto* failed = etf::as_tagged(reason, "failed_to_remove_node", 3)) {
    what = &failed->back();
    if (etf::is_atom(*what, "rabbit_still_running") || etf::as_tagged(*what, "active", 3)) {
      return step_kind::running;
    }
  }
  const auto* pair = etf::as_tuple(*what, 2);
  const auto tag = pair ? etf::as_atom(pair->front()) : std::nullopt;
  if (tag == "not_a_cluster_node") return step_kind::not_member;
  if (tag == "inconsistent_cluster") return step_kind::refused;
  if (etf::is_atom(*what, "not_member")) return step_kind::not_member;
  return mentions(*what, without_quorum) ? step_kind::no_quorum : step_kind::failed;
}

}  // namespace

base::result<std::vector<queue_outcome>> parse_queue_outcomes(const term& answer) {
  const auto* elements = etf::as_list(answer);
  if (!elements) return unexpected("outcomes", answer);
  std::vector<queue_outcome> outcomes;
  for (const term& element : *elements) {
    auto outcome = outcome_of(element);
    if (!outcome) return unexpected("outcome", element);
    outcomes.push_back(std::move(*outcome));
  }
  return outcomes;
}

base::result<std::vector<std::string>> parse_selected_queues(const term& answer) {
  if (etf::is_atom(answer, "$end_of_table")) return std::vector<std::string>();
  const auto* pair = etf::as_tuple(answer, 2);
  const auto* elements = pair ? etf::as_list(pair->front()) : nullptr;
  if (!elements) return unexpected("queues", answer);
  std::vector<std::string> names;
  for (const term& element : *elements) {
    auto name = queue_name(element);
    if (!name) return unexpected("queue", element);
    names.push_back(std::move(*name));
  }
  return names;
}

base::result<raft_change> parse_raft_change(const term& answer) {
  if (etf::as_tagged(answer, "ok", 3)) return raft_change::pending;
  if (etf::as_tagged(answer, "timeout", 2)) return raft_change::no_leader;
  const auto* error = etf::as_tagged(answer, "error", 2);
  if (!error) return unexpected("change", answer);
  const auto says = [&](std::string_view reason) {
    return mentions(error->back(), std::array<std::string_view, 1>{reason});
  };
  if (says("not_member")) return raft_change::committed;
  if (says("cluster_change_not_permitted")) return raft_change::pending;
  if (says("timeout")) return raft_change::no_leader;
  // Of several servers one that is away may have what the others have not.
  if (says("nodedown")) return raft_change::no_leader;
  if (says("noproc")) return raft_change::no_group;
  return unexpected("change", answer);
}

base::result<std::vector<quorum_queue>> parse_quorum_queues(const term& answer) {
  if (etf::is_atom(answer, "$end_of_table")) return std::vector<quorum_queue>();
  const auto* pair = etf::as_tuple(answer, 2);
  const auto* elements = pair ? etf::as_list(pair->front()) : nullptr;
  if (!elements) return unexpected("quorum queues", answer);
  std::vector<quorum_queue> queues;
  for (const term& element : *elements) {
    const auto* fields = etf::as_tuple(element, 3);
    auto name = fields ? queue_name((*fields)[0]) : std::nullopt;
    const auto process = fields ? etf::as_atom((*fields)[1]) : std::nullopt;
    auto nodes = fields ? nodes_of((*fields)[2]) : std::nullopt;
    if (!name || !process || !nodes) return unexpected("quorum queue", element);
    queues.push_back({std::move(*name), std::string(*process), std::move(*nodes)});
  }
  return queues;
}

base::result<std::vector<stream>> parse_streams(const term& answer) {
  if (etf::is_atom(answer, "$end_of_table")) return std::vector<stream>();
  const auto* pair = etf::as_tuple(answer, 2);
  const auto* elements = pair ? etf::as_list(pair->front()) : nullptr;
  if (!elements) return unexpected("streams", answer);
  std::vector<stream> streams;
  for (const term& element : *elements) {
    const auto* fields = etf::as_tuple(element, 2);
    auto name = fields ? queue_name(fields->front()) : std::nullopt;
    auto id = fields ? etf::as_text(fields->back()) : std::nullopt;
    if (!name || !id || id->empty()) return unexpected("stream", element);
    streams.push_back({std::move(*name), std::move(*id)});
  }
  return streams;
}

base::result<queue_outcome> parse_stream_reply(const std::string& name, const term& answer) {
  const auto* replied = etf::as_tagged(answer, "ok", 3);
  const term& reply = replied ? (*replied)[1] : answer;
  if (replied && etf::is_atom(reply, "ok")) {
    return queue_outcome{.name = name};
  }
  const auto* error = etf::as_tagged(reply, "error", 2);
  if (!error) return unexpected("reply", answer);
  return queue_outcome{
      .name = name, .what = kind_of_queue(error->back()), .reason = words(error->back())};
}

base::result<step_outcome> parse_step(const term& answer) {
  if (etf::is_atom(answer, "ok") || etf::as_tagged(answer, "ok", 2)) return step_outcome();
  if (etf::as_tagged(answer, "timeout", 2)) {
    return step_outcome{step_kind::no_quorum, etf::to_text(answer, longest_reason)};
  }
  const auto* error = etf::as_tagged(answer, "error", 2);
  if (!error) return unexpected("answer", answer);
  return step_outcome{kind_of_step(error->back()), words(error->back())};
}

}  // namespace warren::rabbitmq
