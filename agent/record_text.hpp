#pragma once

#include "agent/domain/formation_types.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>

namespace warren::agent {

// The cluster's record as the annotation of its Lease has it: JSON with a schema number. A text of
// another schema, or a damaged one, is a failure that names the cure, never an empty record.
std::string encode_record(const domain::cluster_record& record);
base::result<domain::cluster_record> decode_record(std::string_view text);

}  // namespace warren::agent
