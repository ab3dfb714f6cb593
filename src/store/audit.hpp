// The audit log: one function that writes a row of it, as the extension's owner.
//
// Rows of tables are audited by a trigger (src/audit). A room calls write_audit() for what has no row: keys made and
// rotated, grants, seeds, imports, partitions dropped.
//
//   json::tree details;
//   json::item* counts = details.object();
//   details.put(counts, "rows", details.integer(written));
//   store::write_audit({.action = "imported", .resource_type = "model_pricing", .details = counts});
//
// Who: user_id is llm_admin.actor, else the role that calls (SET ROLE counts); user_agent is llm_admin.user_agent, else
// application_name; ip_address is the client's, NULL over a socket. Texts are cut at 255 bytes, a resource_id at 1024.
// Nothing of a key may be handed over.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "core/audit/leaf.hpp"
#include "core/json/tree.hpp"
#include "pg/guard.hpp"

namespace llm_admin::store {

struct audit_event {
  std::string_view action;            // a past participle: 'created', 'rotated', 'imported'
  std::string_view resource_type;     // what it was done to: a table's name, 'root_key', 'role'
  std::string_view resource_id = {};  // which one; empty where there is no one
  std::optional<std::string_view> tenant_id = std::nullopt;  // nothing: the tenant entered, '' when none
  const json::item* details = nullptr;                       // an object; null: {}
  Datum before = 0;  // jsonb of the payload; 0: NULL. Neither: the row has no payload.
  Datum after = 0;
};

// Writes the row, and its payload, in the caller's transaction, whatever the session's settings are: a trigger that sees
// rows loaded (store/load.hpp) does not ask for it. Returns its id; 0 in an installation older than 0.6. Where the log or
// its payloads are missing, the error says so, and nothing goes on unrecorded.
std::int64_t write_audit(const audit_event& event);

// The same with details of texts and numbers, for what has no more to say.
struct audit_detail {
  const char* name;
  std::int64_t number = 0;
  std::string_view text = {};  // instead of the number where it is not empty
};
std::int64_t write_audit(audit_event event, std::initializer_list<audit_detail> details);

// The id and the leaf of a row that a table keeps beside the log, to be vouched for alike: the history of providers.
std::int64_t next_audit_id();
std::int64_t unix_microseconds(TimestampTz at) noexcept;
Datum leaf_datum(const audit::entry& row);

// Whether a row was ever written here: not in a database that a dump is being restored into.
bool audit_has_begun();

}  // namespace llm_admin::store
