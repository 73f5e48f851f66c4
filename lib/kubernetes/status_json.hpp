#pragma once

#include <string>
#include <string_view>

namespace warren::kubernetes {

// The message of a v1 Status, the body of every refusal, shortened to 256 bytes; empty if `body` is
// none.
std::string status_message(std::string_view body);

// "leases/rmq-formation", the object that a Status with reason NotFound is about; empty if `body`
// is none, or does not name its object.
std::string missing_object(std::string_view body);

}  // namespace warren::kubernetes
