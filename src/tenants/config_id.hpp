// The id of a tenant's configuration, while a tenant is entered; private to this room.
//
// Ids are unique over all tenants, so an id that is refused or accepted could tell whether another tenant has
// it. Hence: ids do not change; one that is given is a random uuid (version 4 or 7), which nobody guesses;
// one that another tenant's row has gives way to a new one, as if none had been given. The tenant's own id
// may be proposed again, as upserts do.
#pragma once

#include <optional>
#include <string>

#include "pg/tuple.hpp"

namespace llm_admin::tenants {

// The id to be stored in place of the row's own, if any. LA001 for a changed id and for one that is no random
// uuid. Nothing is asked where no tenant is entered, nor for a row of another tenant, which row-level
// security refuses.
std::optional<std::string> replaced_id(const pg::tuple_image& row, const pg::tuple_image* before);

}  // namespace llm_admin::tenants
