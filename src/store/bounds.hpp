// How much work and memory one call may take, by the settings (docs/settings.md), and how it can be
// cancelled.
#pragma once

#include "core/mapping/budget.hpp"
#include "core/mapping/compile/compile.hpp"
#include "pg/server.hpp"

namespace llm_admin::store {

// Lets the server cancel the statement; raises its error then. Cheap when nothing is pending.
void poll();

mapping::limits limits_now();
// A program may be as large as the cache of programs, if that is within what one call may take; always 1 MB.
mapping::compile_bounds compile_bounds_now();

// The jsonb of what a call gives, within what its values in `held` leave of max_output_bytes x 4; else 54000.
Datum bounded_jsonb(const json::item* value, const json::tree& held);

}  // namespace llm_admin::store
