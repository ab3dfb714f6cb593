// shipped_tiers, shipped_tier_rules, shipped_model_aliases: what the library ships, as rows.
#include "core/shipped.hpp"

#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "pg/entry.hpp"
#include "pg/result.hpp"

using namespace llm_admin;

namespace {

void add_text_member(pg::row_builder& row, const json::node& of, std::string_view name) {
  const json::node value = of.member(name);
  if (value.is_string())
    row.add_text(value.text());
  else
    row.add_null();
}

int whole_number(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Datum numeric_of(const std::string& text) {
  const char* characters = text.c_str();
  return pg::call([=] {
    return DirectFunctionCall3(numeric_in, CStringGetDatum(characters), ObjectIdGetDatum(InvalidOid),
                               Int32GetDatum(-1));
  });
}

// \N is NULL.
void add_limit(pg::row_builder& row, std::string_view text) {
  if (text == "\\N")
    row.add_null();
  else
    row.add_integer(whole_number(text));
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_shipped_tiers)(FunctionCallInfo fcinfo) {
  shipped::catalog ships;
  pg::row_set rows(fcinfo);
  const json::node tiers = ships.document("tiers.json");
  for (std::uint32_t n = 0; n < tiers.size; ++n) {
    const json::node tier = tiers.element(n);
    pg::row_builder row;
    add_text_member(row, tier, "tier_code");
    add_text_member(row, tier, "display_name");
    row.add(numeric_of(tier.member("price_usd").number_text()), NUMERICOID);
    add_text_member(row, tier, "billing_period");
    const json::node quota = tier.member("quota_requests");
    if (quota.is_number())
      row.add_bigint(whole_number(quota.number_text()));
    else
      row.add_null();
    add_text_member(row, tier, "quota_period");
    row.add_text("user").add_integer(whole_number(tier.member("sort_order").number_text()));
    rows.add(row);
  }
  return Datum{0};
}

LLM_ADMIN_FUNCTION(llm_admin_shipped_tier_rules)(FunctionCallInfo fcinfo) {
  pg::row_set rows(fcinfo);
  bool is_heading = true;
  for (const std::vector<std::string_view>& fields : shipped::table("tier_rules.tsv")) {
    if (std::exchange(is_heading, false)) continue;
    pg::row_builder row;
    row.add_text(fields.at(0)).add_text(fields.at(1)).add_boolean(fields.at(2) == "t");
    add_limit(row, fields.at(3));
    add_limit(row, fields.at(4));
    row.add_integer(whole_number(fields.at(5)));
    rows.add(row);
  }
  return Datum{0};
}

LLM_ADMIN_FUNCTION(llm_admin_shipped_model_aliases)(FunctionCallInfo fcinfo) {
  shipped::catalog ships;
  pg::row_set rows(fcinfo);
  const json::node aliases = ships.document("model_aliases.json");
  for (std::uint32_t n = 0; n < aliases.size; ++n) {
    const json::node alias = aliases.element(n);
    pg::row_builder row;
    add_text_member(row, alias, "provider");
    add_text_member(row, alias, "pattern");
    add_text_member(row, alias, "canonical");
    row.add_integer(whole_number(alias.member("priority").number_text()));
    rows.add(row);
  }
  return Datum{0};
}
