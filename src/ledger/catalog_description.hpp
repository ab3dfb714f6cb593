// The extension's objects as the catalog holds them: one line of text for each thing that a change by hand,
// or an upgrade that differs from a fresh install, would show in.
//
// Described: relations, columns, constraints, indexes, triggers with their enabled state, policies,
// sequences, view and function definitions with all their labels, comments, dump filters, and any other
// member by its identity. Not described: owners, grants and OIDs, which differ between installations, and row
// counts. The texts come from the server's deparser, so they may differ between major versions; every setting
// that they depend on is pinned meanwhile.
#pragma once

#include <string>
#include <vector>

#include "pg/spi.hpp"

namespace llm_admin::ledger {

struct described_object {
  std::string object;      // "column llm_admin.data_keys.key_id"
  std::string definition;  // its labels, in a fixed order
};

// All of them, ordered by bytes.
std::vector<described_object> describe_catalog(pg::spi& spi, Oid extension);

// SHA-256 over the description, lower-case hex.
std::string fingerprint(const std::vector<described_object>& description);

}  // namespace llm_admin::ledger
