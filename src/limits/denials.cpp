// limit_denials: how often limits have denied whom.
#include <array>
#include <string>

#include "core/checked_options.hpp"
#include "limits/tickets.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/uuid.hpp"
#include "store/denials.hpp"
#include "store/seen_tenant.hpp"

using namespace llm_admin;

namespace {

constexpr std::array<std::string_view, 1> denial_options = {"limit_id"};

void show_sum(pg::row_builder& row, const limits::denial_counts::sum& of) {
  row.add_bigint(of.denied);
  row.add(TimestampTzGetDatum(of.first_at), TIMESTAMPTZOID)
      .add(TimestampTzGetDatum(of.last_at), TIMESTAMPTZOID);
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_limit_denials)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  checked_options options(in.jsonb(1, pg::most::settings), denial_options);
  const auto id = options.id("limit_id");
  options.require();
  const std::optional<std::string> tenant = store::seen_tenant(in.text(0));
  const store::denials now = store::denials_now();
  pg::row_set rows(fcinfo);
  for (const store::denial& one : now.entries) {
    if ((id && *id != one.limit_id) || (tenant && *tenant != one.tenant)) continue;
    pg::row_builder row;
    row.add(pg::make_uuid(one.limit_id), UUIDOID).add_text(one.tenant).add_text(one.subject);
    show_sum(row, one.sum);
    rows.add(row);
  }
  // Whose these are is not known: they are for those who see all.
  if (now.other.denied == 0 || id || tenant) return Datum{0};
  pg::row_builder row;
  row.add_null().add_null().add_null();
  show_sum(row, now.other);
  rows.add(row);
  return Datum{0};
}
