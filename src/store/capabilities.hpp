// model_capabilities of a provider's row, opened: every request reads them, and the server keeps them compressed.
//
// A backend keeps those of a few rows, found again by the row version (xmin, ctid), which names its content for
// good; long ones it does not keep.
#pragma once

#include <memory>
#include <vector>

#include "core/json/view.hpp"
#include "core/mapping/path.hpp"
#include "store/provider.hpp"

namespace llm_admin::store {

struct capabilities {
  json::node all;                             // absent when the column is NULL
  std::vector<mapping::model_entry> entries;  // of `all`
  std::unique_ptr<char[]> kept;               // what they are read from; null: memory of the call
};

// Never null. Valid as long as it is held, and what is not kept as long as the current memory context.
std::shared_ptr<const capabilities> capabilities_of(const provider& row);

}  // namespace llm_admin::store
