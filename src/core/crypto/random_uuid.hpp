// Ids that nobody can guess: version 4 of RFC 9562, 122 random bits.
#pragma once

#include "core/uuid.hpp"

namespace llm_admin::crypto {

// The random bits of several are fetched at a time, for the generator takes longer to be asked than to answer. A process
// that asks must not fork after that. Throws what random_bytes() throws.
uuid_bytes random_uuid();

}  // namespace llm_admin::crypto
