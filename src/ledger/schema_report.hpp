// The rows of validate_schema() and who adds them; private to this room.
//
// Each check looks at one kind of thing, adds a row for each fault, and one row ok when it found none. A
// check that meets something missing is itself a fault, told by run(); the others go on.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/keys/stored_key.hpp"
#include "core/schema/drift.hpp"
#include "pg/result.hpp"

namespace llm_admin::ledger {

namespace verdict {
inline constexpr const char* ok = "ok";
inline constexpr const char* error = "error";
inline constexpr const char* yours = "yours";  // added or chosen by the user; nothing to mend
inline constexpr const char* not_compared = "not compared";
inline constexpr const char* not_tried = "not tried";
}  // namespace verdict

class schema_report {
 public:
  // Rows go to `sink` one by one.
  explicit schema_report(std::function<void(const schema::finding&)> sink) : sink_(std::move(sink)) {}

  // An empty detail or statement becomes NULL. No text holds key material.
  void add(std::string_view kind, std::string_view object, const char* verdict, std::string_view detail,
           std::string_view statement = {});
  void fault(std::string_view kind, std::string_view object, std::string_view detail,
             std::string_view statement = {});
  void tell(const schema::finding& found);
  std::int64_t faults() const noexcept { return faults_; }

  // Runs one check over `object`; what it raises becomes a fault, but for a cancel and the like.
  void run(const char* kind, const char* object, void (*check)(schema_report&));

 private:
  std::function<void(const schema::finding&)> sink_;
  std::int64_t faults_ = 0;
};

// Adds the row of a kind whose check found no fault since `before`.
void add_if_clean(schema_report& report, std::int64_t before, const char* kind, const char* object,
                  std::int64_t rows);

// What run() begins the detail of a check that failed with.
inline constexpr std::string_view not_looked_at = "this could not be looked at: ";

// What a key column holds, judged without opening it: its form, and whether its data key is here.
struct key_column {
  std::string_view kind;       // provider, account or tenant
  std::string_view object;     // its name
  std::string_view text;       // what stands there; not empty
  std::string_view statement;  // SQL that stores a key there
};
void check_key_text(schema_report& report, const key_column& column);

void check_providers(schema_report& report);
void check_active_provider(schema_report& report);
void check_history(schema_report& report);
void check_provider_tests(schema_report& report);
void check_aliases(schema_report& report);
void check_accounts(schema_report& report);
void check_references(schema_report& report);  // rows of models and tiers that lead nowhere
void check_prices(schema_report& report);      // rates that no call can be priced by
void check_tenants(schema_report& report);
void check_data_keys(schema_report& report);
void check_sequences(schema_report& report);
void check_levels(schema_report& report);
void check_migrations(schema_report& report);

// The schema itself: what repair_schema() mends.
void check_catalog(schema_report& report);       // objects, against the reference that ships
void check_months(schema_report& report);        // partitions of logs, which are made as time passes
void check_owners(schema_report& report);        // members that belong to another than the extension's owner
void check_grants(schema_report& report);        // rights that no level explains
void check_access(schema_report& report);        // rights that roles lack of their levels
void check_extension(schema_report& report);     // its owner; its version against the library's
void check_row_security(schema_report& report);  // tried, as a role of level app

}  // namespace llm_admin::ledger
