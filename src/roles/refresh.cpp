// refresh_access() and refresh_access_by_name(): what is new to those who still hold what their level had.
// Neither gives back what was taken from a role, nor anything to a role that took over a name.
#include <algorithm>

#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "roles/access.hpp"
#include "store/audit.hpp"

namespace llm_admin::roles {

namespace {

constexpr const char* granted = "granted";
constexpr const char* unknown_level = "level is unknown";
constexpr const char* no_role = "role does not exist";
constexpr const char* owner = "role owns the extension";
constexpr const char* servers_own = "role is one of the server's own";
constexpr const char* another_role = "another role of this name: grant_access or revoke_access";
constexpr const char* rights_taken = "rights were taken away: grant_access or revoke_access";

class refresh {
 public:
  explicit refresh(pg::spi& spi, bool by_name)
      : book_(spi), all_(spi), by_name_(by_name), rows_(book_.read()) {}

  struct outcome {
    std::string role, level, text;
  };
  std::vector<outcome> run() {
    follow_renames();
    std::vector<outcome> outcomes;
    for (const entry& row : rows_) {
      const auto renamed = std::find_if(renamings_.begin(), renamings_.end(), [&](const renaming& one) {
        return one.role == row.role && one.level == row.level;
      });
      if (renamed == renamings_.end())
        outcomes.push_back({row.role, row.level, apply(row)});
      else
        outcomes.push_back(
            {renamed->to, row.level, give(row, renamed->to, row.oid) + "; the role was called " + row.role});
    }
    return outcomes;
  }

 private:
  bool holds(const entry& row, Oid role) { return still_holds(row, all_.held_by(role), rows_, all_); }

  // The role of the row's OID has another name and all that the level gave; if there is a role of the old
  // name too, it has not, or it has come by its own level. After a restore OIDs are other roles', and both
  // hold, or neither.
  bool was_renamed(const entry& row) {
    if (!OidIsValid(row.oid) || !level_named(row.level)) return false;
    const std::string name = pg::role_name(row.oid);
    if (name.empty() || name == row.role || is_reserved(name) || is_owner(name) || !holds(row, row.oid))
      return false;
    const Oid named = role_named(row.role);
    return !OidIsValid(named) || !holds(row, named) ||
           std::any_of(rows_.begin(), rows_.end(),
                       [&](const entry& other) { return other.oid == named && other.level == row.level; });
  }

  // Names may change places, but no row takes the place of one that stays.
  void follow_renames() {
    for (const entry& row : rows_)
      if (was_renamed(row)) renamings_.push_back({row.role, row.level, pg::role_name(row.oid)});
    const auto moves = [&](const entry& row) {
      return std::any_of(renamings_.begin(), renamings_.end(),
                         [&](const renaming& one) { return one.role == row.role && one.level == row.level; });
    };
    const auto is_taken = [&](const renaming& one) {
      return std::any_of(rows_.begin(), rows_.end(), [&](const entry& row) {
        return row.role == one.to && row.level == one.level && !moves(row);
      });
    };
    for (auto found = renamings_.begin();
         (found = std::find_if(renamings_.begin(), renamings_.end(), is_taken)) != renamings_.end();)
      renamings_.erase(found);
    book_.rename(renamings_);
  }

  std::string give(const entry& row, const std::string& role, Oid oid) {
    const levels level = level_named(row.level).value_or(0);
    all_.give(role, level);
    book_.update(role, oid, row.level, all_.rights_of(level));
    return granted;
  }

  std::string apply(const entry& row) {
    if (!level_named(row.level)) return unknown_level;
    const Oid named = role_named(row.role);
    if (!OidIsValid(named)) return no_role;
    if (is_owner(row.role)) return owner;
    if (is_reserved(row.role)) return servers_own;
    const bool agrees = row.oid == named;
    if ((agrees || !OidIsValid(row.oid)) && holds(row, named)) return give(row, row.role, named);
    // Clusters that were made alike have the same OIDs, so a restored row may agree and its rights be
    // missing.
    if (by_name_ && (!agrees || row.restored)) {
      book_.date(row.role, row.level);
      return give(row, row.role, named);
    }
    return agrees || !OidIsValid(row.oid) ? rights_taken : another_role;
  }

  book book_;
  grants all_;
  bool by_name_;
  std::vector<entry> rows_;
  std::vector<renaming> renamings_;
};

Datum run(FunctionCallInfo fcinfo, const char* function, bool by_name) {
  require_owner_rights(function);
  pg::row_set result(fcinfo);
  pg::spi spi;
  std::int64_t given = 0;
  for (const auto& [role, level, text] : refresh(spi, by_name).run()) {
    if (text.starts_with(granted)) ++given;
    pg::row_builder row;
    row.add_text(role).add_text(level).add_text(text);
    result.add(row);
  }
  if (given > 0)
    store::write_audit({.action = "refreshed", .resource_type = "role"},
                       {{"levels", given}, {"by_name", by_name ? 1 : 0}});
  return Datum{0};
}

}  // namespace

}  // namespace llm_admin::roles

using namespace llm_admin;

LLM_ADMIN_FUNCTION(llm_admin_refresh_access)(FunctionCallInfo fcinfo) {
  return roles::run(fcinfo, "refresh_access", false);
}

LLM_ADMIN_FUNCTION(llm_admin_refresh_access_by_name)(FunctionCallInfo fcinfo) {
  return roles::run(fcinfo, "refresh_access_by_name", true);
}
