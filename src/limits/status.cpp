// limit_status: what is used, reserved and left, a row for each limit and subject.
#include <array>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "core/checked_options.hpp"
#include "core/glob.hpp"
#include "limits/tickets.hpp"
#include "pg/args.hpp"
#include "pg/clock.hpp"
#include "pg/cursor.hpp"
#include "pg/entry.hpp"
#include "pg/numeric.hpp"
#include "pg/result.hpp"
#include "pg/scratch.hpp"
#include "pg/uuid.hpp"
#include "store/counter_rows.hpp"
#include "store/limits.hpp"
#include "store/owner.hpp"
#include "store/seen_tenant.hpp"
#include "store/shared_counters.hpp"

using namespace llm_admin;

namespace {

constexpr std::array<std::string_view, 3> status_options = {"limit_id", "scope", "model"};

pg::statement counters{
    "SELECT c.limit_id, c.tenant_id, c.subject, c.slot, c.window_start, c.used, c.reserved, c.previous, "
    "c.share FROM llm_admin.limit_counters c WHERE ($1 IS NULL OR c.limit_id OPERATOR(pg_catalog.=) $1) "
    "AND ($2 IS NULL OR c.tenant_id OPERATOR(pg_catalog.=) $2) AND ($3 IS NULL OR c.subject "
    "OPERATOR(pg_catalog.=) $3) ORDER BY c.limit_id, c.tenant_id, c.subject, c.slot",
    {UUIDOID, TEXTOID, TEXTOID}};

// What is asked for: absent parts are all.
struct wanted {
  std::optional<std::string> tenant;
  std::optional<std::string_view> user, scope, model;
  std::optional<uuid_bytes> id;

  bool includes(const limits::limit& of) const {
    if (id && of.id != *id) return false;
    if (user && of.scope != limits::scope::user) return false;
    if (scope && *scope != limits::name_of(of.scope)) return false;
    return !model || glob_matches(of.model, *model);
  }
};

struct counter {
  uuid_bytes limit_id{};
  std::string tenant, subject;
  std::vector<limits::slot> slots;
};

class status_rows {
 public:
  status_rows(FunctionCallInfo fcinfo, const wanted& want)
      : rows_(fcinfo), want_(want), known_(store::current_limits()), now_(pg::clock_now()) {
    name_subjects();
    for (store::shared_counter& one : store::shared_counters_now()) {
      const bool is_wanted = (!want.tenant || *want.tenant == one.tenant) &&
                             (!want.user || *want.user == one.subject) &&
                             (!want.id || *want.id == one.limit_id);
      if (is_wanted) shared_.push_back({one.limit_id, one.tenant, one.subject, {one.held}});
    }
  }

  void counted() {
    pg::parameter id = pg::null_value();
    if (want_.id) id = pg::uuid_value(*want_.id);
    pg::cursor from = store::cursor_by_owner(counters, {id, pg::value(want_.tenant), pg::value(want_.user)});
    pg::scratch memory;
    counter now;
    while (const auto row = from.next()) {
      memory.reset();
      counter key;
      std::memcpy(key.limit_id.data(), DatumGetUUIDP(row->raw(1, UUIDOID))->data, key.limit_id.size());
      key.tenant = row->text(2);
      key.subject = row->text(3);
      if (key.limit_id != now.limit_id || key.tenant != now.tenant || key.subject != now.subject) {
        add(now);
        now = std::move(key);
      }
      now.slots.push_back(store::slot_of(*row, 4));
    }
    add(now);
    for (const counter& one : std::exchange(shared_, {})) add(one);
  }

  // Those that are named and have used nothing.
  void uncounted() {
    for (const counter& one : named_) show(*known_->find(one.limit_id), one);
  }

 private:
  // The subjects that are asked for by name, under each limit for them.
  void name_subjects() {
    if (!want_.user && (!want_.tenant || want_.tenant->empty())) return;
    const limits::scope of = want_.user ? limits::scope::user : limits::scope::tenant;
    const std::string tenant = want_.tenant.value_or(std::string());
    const std::string subject = want_.user ? std::string(*want_.user) : tenant;
    for (const limits::limit& one : known_->rows.in_order())
      if (one.enabled && one.amount && one.scope == of && want_.includes(one) &&
          glob_matches(one.subject, subject) && glob_matches(one.tenant, tenant))
        named_.push_back({one.id, tenant, subject, {}});
  }

  // What was counted in shared memory is counted there; rows of the same counter are of other windows.
  void add(counter one) {
    if (one.slots.empty()) return;
    std::erase_if(shared_, [&](const counter& other) {
      if (other.limit_id != one.limit_id || other.tenant != one.tenant || other.subject != one.subject)
        return false;
      one.slots.push_back(other.slots.front());
      return true;
    });
    std::erase_if(named_, [&](const counter& other) {
      return other.limit_id == one.limit_id && other.tenant == one.tenant && other.subject == one.subject;
    });
    const limits::limit* of = known_->find(one.limit_id);  // null: its limit is gone
    if (of != nullptr && of->enabled && want_.includes(*of)) show(*of, one);
  }

  void number(pg::row_builder& row, const money::decimal& value) {
    row.add(pg::make_numeric(value.text()), NUMERICOID);
  }

  void show(const limits::limit& of, const counter& one) {
    const auto amount = limits::amount_at(of, now_);
    const limits::figures as_of_now =
        limits::figures_of(one.slots, of.period, amount.value_or(money::decimal()), now_);
    pg::row_builder row;
    row.add(pg::make_uuid(of.id), UUIDOID).add_text(limits::name_of(of.scope)).add_text(one.tenant);
    row.add_text(one.subject).add_text(of.model).add_text(limits::name_of(of.what));
    row.add_text(limits::name_of(of.period));
    if (amount)
      number(row, *amount);
    else
      row.add_null();
    number(row, as_of_now.used);
    number(row, as_of_now.reserved);
    if (amount)
      number(row, as_of_now.remaining);
    else
      row.add_null();
    row.add(TimestampTzGetDatum(as_of_now.window_start), TIMESTAMPTZOID);
    if (as_of_now.resets_at)
      row.add(TimestampTzGetDatum(*as_of_now.resets_at), TIMESTAMPTZOID);
    else
      row.add_null();
    row.add_boolean(amount && as_of_now.exceeded);
    rows_.add(row);
  }

  pg::row_set rows_;
  const wanted& want_;
  std::shared_ptr<const store::known_limits> known_;
  std::int64_t now_;
  std::vector<counter> named_, shared_;
};

std::vector<std::string_view> scope_names() {
  std::vector<std::string_view> names;
  for (std::size_t n = 0; n < limits::scopes; ++n)
    names.push_back(limits::name_of(static_cast<limits::scope>(n)));
  return names;
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_limit_status)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  checked_options options(in.jsonb(2, pg::most::settings), status_options);
  wanted want;
  want.tenant = store::seen_tenant(in.text(0));
  want.user = in.text(1);
  want.id = options.id("limit_id");
  want.scope = options.word("scope", scope_names());
  want.model = options.text("model");
  options.require();
  status_rows rows(fcinfo, want);
  rows.counted();
  rows.uncounted();
  return Datum{0};
}
