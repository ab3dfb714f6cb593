#include "store/alias.hpp"

#include <functional>
#include <iterator>
#include <string>

#include "core/text.hpp"
#include "pg/args.hpp"
#include "pg/fetch.hpp"
#include "store/row_finder.hpp"
#include "store/tables.hpp"

namespace llm_admin::store {

namespace {

constexpr const char* alias_columns[] = {"provider_name"};
constinit row_finder alias_finder(table::aliases, alias_columns);

std::optional<std::string> provider_behind(std::string_view alias, pg::as_of when) {
  if (!expects(table::aliases)) return std::nullopt;
  static pg::last_place last_places[61];
  pg::last_place& last = last_places[std::hash<std::string_view>()(alias) % std::size(last_places)];
  Datum provider;
  bool null;
  const pg::fetched row =
      alias_finder.find(index::aliases_alias, F_TEXTEQ, pg::make_text(alias), when, &provider, &null, &last);
  if (row.tuple == nullptr || null) return std::nullopt;
  return std::string(pg::text_of(provider));
}

}  // namespace

std::optional<provider> find_named_provider(std::string_view name, pg::as_of when) {
  if (auto row = find_provider(name, when)) return row;
  const std::string lower = ascii_lower(name);
  if (lower != name) {
    if (auto row = find_provider(lower, when)) return row;
  }
  if (const auto behind = provider_behind(lower, when)) return find_provider(*behind, when);
  return std::nullopt;
}

provider require_named_provider(std::string_view name, pg::as_of when) {
  if (const auto row = find_named_provider(name, when)) return *row;
  unknown_provider(name, true, true);
}

std::string provider_named(std::string_view name, pg::as_of when) {
  const auto row = find_named_provider(name, when);
  return std::string(row ? row->name() : name);
}

}  // namespace llm_admin::store
