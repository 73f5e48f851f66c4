#pragma once

#include "agent/domain/formation_types.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace warren::domain {

// What a door tells a virgin broker; one with data does not look at it (tried on 3.10.8, 4.0.5 and
// 4.3.6):
// - found, join_by_calls: classic_config with the own node alone. It boots at once, whatever
//   target_cluster_size_hint says.
// - classic: classic_config with the target alone. 3.10 waits for it without end; from 3.13 on a
//   broker whose Erlang VM is older than the target's, by their clocks, founds a cluster of its
//   own.
// - seed: 4.1 and later alone, earlier ones refuse the key and end. It waits for the target without
//   end. The plugin's module is found whether or not enabled_plugins names it.
// - closed: classic_config with a node that is never there, at the own host, where EPMD says so at
//   once. It waits without end, and ends at SIGTERM.
// A target_cluster_size_hint, retry limit, node type, another backend and classic_config.nodes.1 of
// the user's are overruled; other nodes of classic_config are added to the door's.
// 4.0 that is killed while it joins may come back as a cluster of its own: it makes a database for
// itself for a moment before it joins. 3.10 and 4.3 do not.

// The file of the door in conf.d. The broker reads conf.d in the order of the names, and of a key
// that is set twice takes the last value.
constexpr std::string_view door_file_name = "90-warren.conf";

// Every key that a door sets.
constexpr std::array<std::string_view, 6> door_keys = {"cluster_formation.peer_discovery_backend",
                                                       "cluster_formation.classic_config.nodes.1",
                                                       "cluster_formation.node_type",
                                                       "cluster_formation.discovery_retry_limit",
                                                       "cluster_formation.discovery_retry_interval",
                                                       "cluster_formation.k8s.seed_node"};

constexpr std::array<door_kind, 5> all_door_kinds = {door_kind::closed, door_kind::found,
                                                     door_kind::classic, door_kind::seed,
                                                     door_kind::join_by_calls};

// Whether a door of that kind has a target.
bool has_target(door_kind k);

// Whether a text may stand in a door as a node: NAME@HOST of letters, digits and ._-: (and the host
// not empty), at most 255 bytes. Anything else could change the meaning of the file.
bool is_node_name(std::string_view text);
// The same for a pod's uid: letters, digits and '-', or nothing.
bool is_pod_uid(std::string_view text);

// Whether a door can be written: a target that is a node name, where its kind has one, and none
// where it has not.
bool is_sound(const door& d);

// The text of 90-warren.conf, which tells the broker `node` what a sound door says. `node` must be
// a node name.
std::string door_text(const door& d, std::string_view node);

// The sound door that a text of door_text tells of, from its first line. Total: nothing for any
// other text.
std::optional<door> parse_door(std::string_view text);

}  // namespace warren::domain
