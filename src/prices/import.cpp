// import_model_prices: the models of a price file that others publish, each with what became of it.
#include <array>
#include <map>
#include <unordered_map>

#include "core/call_options.hpp"
#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/keys/redact.hpp"
#include "core/pricing/offers/offer.hpp"
#include "core/time_text.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/scratch.hpp"
#include "pg/spi.hpp"
#include "prices/price_row.hpp"
#include "prices/write_price.hpp"
#include "store/audit.hpp"
#include "store/bounds.hpp"
#include "store/key_lookups.hpp"
#include "store/owner.hpp"
#include "store/price.hpp"

using namespace llm_admin;

namespace {

constexpr std::array<std::string_view, 2> options_of_import = {"accept_changes", "dry_run"};
constexpr std::int64_t largest_factor = 5;

pg::statement find_row{
    "SELECT p.source::pg_catalog.text, p.price_id, p.max_input_tokens, p.max_output_tokens, p.deprecated_at "
    "FROM llm_admin.model_pricing p WHERE p.model_id OPERATOR(pg_catalog.=) $1::pg_catalog.varchar",
    {TEXTOID}};

std::string listed(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& one : all) text += (text.empty() ? "" : ", ") + one;
  return text;
}

std::string today() {
  return iso_utc(GetCurrentTransactionStartTimestamp()).substr(0, std::string_view("0000-00-00").size());
}

// Tells the rates of two entries apart, which is worth a note and no more.
std::size_t digest_of(const pricing::rate_table& rates) {
  std::string all;
  for (const pricing::rate& each : rates.all())
    all.append(each.key).append(" ").append(each.value.text()).append("\n");
  return std::hash<std::string>()(all);
}

std::optional<TimestampTz> midnight(const std::string& date) {
  if (date.empty()) return std::nullopt;
  return prices::read_time(date + " 00:00:00+00");
}

class importer {
 public:
  importer(pg::row_set& out, bool accept_changes, bool dry_run)
      : out_(out), accept_changes_(accept_changes), dry_run_(dry_run) {}

  void take(const pricing::offer& offer) {
    memory_.reset();
    store::poll();
    const std::size_t digest = digest_of(offer.rates);
    const auto [first, is_first] = seen_.emplace(offer.model_id, digest);
    if (!is_first) {
      // Of two entries of one model the first counts; the same price twice is no news.
      if (first->second != digest) tell(offer, "rejected", "", "", "another entry of this model came before");
      return;
    }
    const stored before = find(offer.model_id);
    const pricing::rate_table none;
    const pricing::rate_table& old = before.price != nullptr ? before.price->rates : none;
    const auto [was, becomes] = differences(old, offer.rates);
    std::string problem = offer.problem;
    if (problem.empty()) problem = prices::implausible(offer.rates, "USD");
    if (!problem.empty()) return tell(offer, "rejected", was, becomes, problem);
    const bool same = before.price != nullptr && old == offer.rates && before.price->currency == "USD";
    if (before.source == "manual") return tell(offer, same ? "same" : "kept_manual", was, becomes, "");
    if (!accept_changes_ && before.price != nullptr) {
      const auto large = large_changes(old, offer.rates, largest_factor);
      if (!large.empty())
        return tell(offer, "rejected", was, becomes,
                    "more than " + std::to_string(largest_factor) +
                        " times the other, which needs the option accept_changes: " + listed(large));
    }
    if (same && before.says(offer)) return tell(offer, "same", "", "", "");
    const char* change = before.price == nullptr ? "insert" : (same ? "same" : "update");
    if (!dry_run_) change = write(offer);
    tell(offer, change, was, becomes, "");
  }

  void audit(std::string_view format) {
    if (dry_run_) return;
    store::write_audit({.action = "imported", .resource_type = "model_pricing", .resource_id = format},
                       {{"insert", counts_["insert"]},
                        {"update", counts_["update"]},
                        {"same", counts_["same"]},
                        {"rejected", counts_["rejected"]},
                        {"kept_manual", counts_["kept_manual"]}});
  }

 private:
  struct stored {
    std::string source;
    std::shared_ptr<const store::price> price;
    std::optional<std::int32_t> max_input_tokens, max_output_tokens;
    std::optional<TimestampTz> deprecated_at;

    // Whether the row has what the file says besides the price.
    bool says(const pricing::offer& offer) const {
      const auto has = [](const auto& there, const auto& given) { return !given || there == given; };
      return has(max_input_tokens, offer.max_input_tokens) &&
             has(max_output_tokens, offer.max_output_tokens) &&
             has(deprecated_at, midnight(offer.deprecated_on));
    }
  };

  static stored find(const std::string& model) {
    stored made;
    const store::as_owner owner;
    pg::spi sql;
    sql.run_on_latest(find_row, {pg::value(model)});
    const auto row = sql.first();
    if (!row) return made;
    made.source = row->text(1);
    if (!row->is_null(3)) made.max_input_tokens = row->integer(3);
    if (!row->is_null(4)) made.max_output_tokens = row->integer(4);
    if (!row->is_null(5)) made.deprecated_at = DatumGetTimestampTz(row->raw(5, TIMESTAMPTZOID));
    if (!row->is_null(2)) made.price = store::price_by_id(row->bigint(2));
    return made;
  }

  static const char* write(const pricing::offer& offer) {
    prices::new_price what;
    what.model_id = offer.model_id;
    what.rates = &offer.rates;
    what.source = "import";
    what.provider = offer.vendor;
    what.max_input_tokens = offer.max_input_tokens;
    what.max_output_tokens = offer.max_output_tokens;
    what.deprecated_at = midnight(offer.deprecated_on);
    return prices::write_price(what).change;
  }

  void tell(const pricing::offer& offer, const char* change, std::string_view old, std::string_view now,
            std::string_view note) {
    ++counts_[change];
    pg::row_builder row;
    row.add_text(offer.model_id).add_text(change).add_text(old).add_text(now).add_text(note);
    out_.add(row);
  }

  pg::row_set& out_;
  bool accept_changes_, dry_run_;
  std::map<std::string_view, std::int64_t> counts_;  // by change
  pg::scratch memory_;
  std::unordered_map<std::string, std::size_t> seen_;
};

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_import_model_prices)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  if (in.is_null(0)) throw error(sqlstate::null_not_allowed, "argument data must not be null");
  const std::string_view word = in.text(1).value_or("litellm");
  const auto format = pricing::format_named(word);
  if (!format)
    throw error(sqlstate::invalid_parameter, "unknown format of prices",
                "known formats: " + std::string(pricing::price_formats));
  const call_options options(in.jsonb(2, pg::most::settings), options_of_import);
  const bool dry_run = options.boolean("dry_run");
  if (!dry_run) pg::require_primary("import_model_prices");
  constexpr std::size_t most_bytes = 32 << 20;
  const json::node data = in.jsonb(0, most_bytes);
  pg::row_set rows(fcinfo);
  const store::key_lookups by_index;  // the tables may have few rows before and thousands after
  importer import(rows, options.boolean("accept_changes"), dry_run);
  pricing::read_offers(data, *format, today(), [&](const pricing::offer& offer) { import.take(offer); });
  import.audit(word);
  return Datum{0};
}
