// A step down that drops what is in use, by llm_admin.allow_data_loss, is told in the audit log, where that stays.
#pragma once

#include <string>

#include "store/audit.hpp"

namespace llm_admin::ledger {

inline void note_allowed_loss(const std::string& lost) {
  store::write_audit({.action = "data_loss_allowed", .resource_type = "migration"}, {{"lost", 0, lost}});
}

}  // namespace llm_admin::ledger
