// repair_schema(dry_run): runs the statements that validate_schema() gives for the schema itself: objects,
// owners, grants and what levels lack. Rows of tables are left to their owner, and so is what users added.
//
// One finding's statement runs in a subtransaction of its own, as the caller. What it needs may be missing,
// too, and a table's parts are told only when the table is there: so it goes on in passes, each of what is
// found anew, until a pass makes nothing better.
//
// No code of a stranger's runs with the caller's rights. What belongs to one and is not as it was made, by a
// cast, a CHECK, a trigger or a function's body, is left to the caller, and so is giving it to the owner.
#include <algorithm>
#include <exception>
#include <map>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "ledger/schema_report.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/pinned_settings.hpp"
#include "pg/role.hpp"
#include "pg/spi.hpp"

namespace llm_admin::ledger {

namespace {

pg::statement select_extension_owner{
    "SELECT e.extowner FROM pg_catalog.pg_extension e WHERE e.extname OPERATOR(pg_catalog.=) 'llm_admin'",
    {}};

// By the extension's own owner, as the tables may be gone.
void require_owner(bool dry_run) {
  if (!dry_run) pg::require_primary("repair_schema");
  Oid owner = InvalidOid;
  {
    pg::spi sql;
    sql.run(select_extension_owner, {}, true);
    if (const auto row = sql.first()) owner = DatumGetObjectId(row->raw(1, OIDOID));
  }
  if (!pg::call([=] { return has_privs_of_role(GetUserId(), owner); }))
    throw error(sqlstate::insufficient_privilege, "permission denied for repair_schema",
                "only roles that can act as the owner of the extension change its schema",
                "SET ROLE " + pg::quoted(pg::role_name(owner)));
  if (creating_extension)
    throw error(sqlstate::not_in_state, "repair_schema cannot run inside an extension script", "",
                "SELECT * FROM llm_admin.repair_schema() after the upgrade");
}

// What statements of this call did is seen, though it happened after the caller's statement began.
class newest_state {
 public:
  newest_state() : unwinding_(std::uncaught_exceptions()) {
    pg::call([] {
      CommandCounterIncrement();
      PushActiveSnapshot(GetLatestSnapshot());
    });
  }
  ~newest_state() {
    if (std::uncaught_exceptions() == unwinding_) PopActiveSnapshot();
  }
  newest_state(const newest_state&) = delete;
  newest_state& operator=(const newest_state&) = delete;

 private:
  int unwinding_;
};

// Who gives the altered thing of a stranger to the owner, or writes rows while there is one, runs what is in it.
void leave_to_caller(std::vector<schema::finding>& errors,
                     const std::map<std::string, std::string>& altered) {
  for (schema::finding& one : errors) {
    if (altered.empty() || !one.stranger.empty()) continue;
    const auto of = altered.find(one.kind == "owner"    ? one.object.substr(one.object.find(' ') + 1)
                                 : one.kind == "access" ? altered.begin()->first
                                                        : "");
    if (of == altered.end()) continue;
    one.thing = of->first;
    one.stranger = of->second;
  }
}

std::vector<schema::finding> find() {
  const newest_state seen;
  std::vector<schema::finding> errors;
  std::map<std::string, std::string> altered;  // things of strangers, and whose
  schema_report report([&](const schema::finding& found) {
    if (!found.stranger.empty()) altered.emplace(found.thing, found.stranger);
    if (found.verdict == verdict::error && !found.detail.starts_with(not_looked_at)) errors.push_back(found);
  });
  report.run("catalog", "llm_admin", check_catalog);
  report.run("month", "logs", check_months);
  report.run("owner", "llm_admin", check_owners);
  report.run("grant", "llm_admin", check_grants);
  report.run("access", "access_grants", check_access);
  leave_to_caller(errors, altered);
  return errors;
}

struct attempt {
  schema::finding of;
  std::string outcome;
};

bool is_same(const schema::finding& a, const schema::finding& b) {
  return a.kind == b.kind && a.object == b.object && a.statement == b.statement;
}

// "done", or why not.
std::string run(const std::string& statement) {
  pg::subtransaction block;
  try {
    {
      pg::spi sql;
      sql.execute(statement);
    }
    block.release();
    return "done";
  } catch (const error& refused) {
    if (refused.is_fault()) throw;
    return "failed: " + refused.message();
  } catch (const pg::error& refused) {
    if (refused.is_fault()) throw;
    return std::string("failed: ") + refused.message();
  }
}

class repair {
 public:
  // Each pass does something that was not done before, or is the last one.
  void go() {
    std::vector<schema::finding> found;
    bool is_better = true;
    while (is_better) {
      is_better = false;
      found = find();
      for (const schema::finding& one : found)
        if (mend(one)) is_better = true;
    }
    // What failed and is not found any more was mended with something else.
    std::erase_if(attempts_, [&](const attempt& before) {
      return before.outcome != "done" &&
             std::none_of(found.begin(), found.end(),
                          [&](const schema::finding& one) { return is_same(before.of, one); });
    });
  }
  void plan() {
    for (const schema::finding& one : find()) {
      std::string why = why_not(one);
      attempts_.push_back({one, why.empty() ? "would run" : std::move(why)});
    }
  }
  const std::vector<attempt>& attempts() const noexcept { return attempts_; }

 private:
  static constexpr const char* no_statement = "failed: no statement mends it";
  static constexpr const char* levels_lost =
      "failed: nothing is taken from roles while their levels are lost: grant_access() each, then run it "
      "again";

  static std::string why_not(const schema::finding& one) {
    if (one.statement.empty()) return no_statement;
    if (one.stranger.empty()) return {};
    return "failed: " + one.thing + " belongs to " + one.stranger +
           ", who may have made it run something: look at it, then run the statement yourself";
  }

  // Whether a statement was run for the first time that went through.
  bool mend(const schema::finding& one) {
    const auto known = std::find_if(attempts_.begin(), attempts_.end(),
                                    [&](const attempt& before) { return is_same(before.of, one); });
    if (known != attempts_.end() && known->outcome == "done") {
      known->outcome = "failed: it ran, and the fault is there again";
      return false;
    }
    if (known != attempts_.end() && known->outcome.starts_with("failed: it ran")) return false;
    std::string outcome = why_not(one);
    if (outcome.empty() && are_levels_lost_ && is_of_a_role(one)) outcome = levels_lost;
    if (outcome.empty()) outcome = run(one.statement);
    const bool is_done = outcome == "done";
    if (is_done && one.kind == "table" && one.object == "llm_admin.access_grants" &&
        one.statement.starts_with("CREATE TABLE"))
      are_levels_lost_ = true;
    if (known != attempts_.end())
      known->outcome = std::move(outcome);
    else
      attempts_.push_back({one, std::move(outcome)});
    return is_done;
  }

  static bool is_of_a_role(const schema::finding& one) {
    return one.kind == "grant" && !one.object.ends_with(" to PUBLIC");
  }

  std::vector<attempt> attempts_;
  bool are_levels_lost_ = false;  // access_grants came back empty, so no level explains any grant
};

}  // namespace

}  // namespace llm_admin::ledger

using namespace llm_admin;

LLM_ADMIN_FUNCTION(llm_admin_repair_schema)(FunctionCallInfo fcinfo) {
  const bool dry_run = pg::args(fcinfo).boolean(0, true);
  ledger::require_owner(dry_run);
  ledger::repair work;
  {
    const pg::pinned_settings pinned;
    if (dry_run)
      work.plan();
    else
      work.go();
  }
  pg::row_set rows(fcinfo);
  for (const ledger::attempt& one : work.attempts()) {
    pg::row_builder row;
    row.add_text(one.of.kind + ' ' + one.of.object);
    if (one.of.statement.empty())
      row.add_null();
    else
      row.add_text(one.of.statement);
    row.add_text(one.outcome);
    rows.add(row);
  }
  return Datum{0};
}
