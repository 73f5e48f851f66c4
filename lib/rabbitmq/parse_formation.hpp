#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "etf/term.hpp"
#include "rabbitmq/values.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What the broker's answers to the questions of formation mean, on 3.8 to 4.3. Each fails with
// unexpected_answer, quoting the answer. Total.
namespace warren::rabbitmq {

// Empty for `not_found`: not made up yet, or (4.3) the database is down.
base::result<std::string> parse_cluster_id(const etf::term& answer);
base::result<bool> parse_boolean(const etf::term& answer);
base::result<std::int64_t> parse_integer(const etf::term& answer);
// {starting | started | stopping, _} of init:get_status/0.
enum class vm_status { starting, started, stopping };
base::result<vm_status> parse_vm_status(const etf::term& answer);
// The boot state is `stopped` also before the broker's boot begins and after it has ended, while
// the VM starts and stops: only in a VM that is started it tells of a broker that may be started
// again. And for a moment it is `ready` while the VM's own start still waits for the broker: who
// stops the broker then ends the VM (seen on 4.0.5), so that is core_started.
boot_state with_vm(boot_state boot, vm_status vm);
// A folder's path, bare or as {ok, Path}. Fails for `undefined` too, and for what is not absolute.
base::result<std::string> parse_folder(const etf::term& answer);
// {ok, Text} of application:get_env/2.
base::result<std::string> parse_setting(const etf::term& answer);
// [[{user, Name}, {tags, Tags}]]
base::result<std::vector<std::string>> parse_users(const etf::term& answer);
// [<<"/">>]
base::result<std::vector<std::string>> parse_vhosts(const etf::term& answer);
// Those that were made by somebody: all but the default one and the reserved names amq.*.
base::result<std::vector<std::string>> parse_own_exchanges(const etf::term& answer);
// How many elements a list has.
base::result<std::size_t> parse_length(const etf::term& answer);
// Entries of a table, 0 if it does not exist: ask for another one too.
base::result<std::optional<std::int64_t>> parse_table_size(const etf::term& answer);

// From 4.3 on Khepri alone, before 3.13 Mnesia alone, in between the flag decides.
metadata_store store_of(std::string_view version, const base::result<bool>& khepri_enabled);

// Whether "4.3.6" is of that release or a later one; false for what is no version.
bool is_at_least(std::string_view version, int major, int minor);

// Monotonic time and the offset that makes it a time since 1970, in units of which `units` make a
// second. Nothing for what no clock says.
std::optional<base::wall_time> time_of(std::int64_t monotonic, std::int64_t offset,
                                       std::int64_t units);

}  // namespace warren::rabbitmq
