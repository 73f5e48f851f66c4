#include "agent/tasks/broker_facts.hpp"

#include "erldist/errc.hpp"

namespace warren::agent {
namespace {

domain::metadata_store to_domain(rabbitmq::metadata_store s) {
  switch (s) {
    case rabbitmq::metadata_store::mnesia:
      return domain::metadata_store::mnesia;
    case rabbitmq::metadata_store::khepri:
      return domain::metadata_store::khepri;
    case rabbitmq::metadata_store::unknown:
      break;
  }
  return domain::metadata_store::unknown;
}

}  // namespace

domain::boot_state to_domain(rabbitmq::boot_state s) {
  switch (s) {
    case rabbitmq::boot_state::stopped:
      return domain::boot_state::stopped;
    case rabbitmq::boot_state::booting:
      return domain::boot_state::booting;
    case rabbitmq::boot_state::core_started:
      return domain::boot_state::core_started;
    case rabbitmq::boot_state::ready:
      return domain::boot_state::ready;
    case rabbitmq::boot_state::stopping:
      return domain::boot_state::stopping;
  }
  return domain::boot_state::stopped;
}

domain::broker_facts facts_of(const rabbitmq::formation_facts& seen) {
  domain::broker_facts facts;
  facts.state = domain::presence::runs;
  if (seen.boot) facts.boot = to_domain(*seen.boot);
  facts.version = seen.version;
  facts.store = to_domain(seen.store);
  facts.began = seen.began;
  facts.data_folder = seen.data_folder;
  // What a broker tells of its cluster while it boots or stops may be about to change.
  if (facts.boot == domain::boot_state::ready) {
    facts.cluster_id = seen.cluster_id;
    if (seen.cluster) {
      facts.cluster = domain::membership{seen.cluster->members, seen.cluster->running,
                                         seen.cluster->partitioned};
    }
  }
  return facts;
}

bool shows_that_it_does_not_run(const base::failure& why) {
  return why.code == erldist::errc::epmd_refused || why.code == erldist::errc::node_not_registered;
}

}  // namespace warren::agent
