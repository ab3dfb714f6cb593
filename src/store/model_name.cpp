#include "store/model_name.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/shipped.hpp"
#include "pg/cursor.hpp"
#include "pg/scratch.hpp"
#include "pg/spi.hpp"
#include "store/cache_version.hpp"
#include "store/owner.hpp"

namespace llm_admin::store {

namespace {

pg::statement all_provider_aliases{
    "SELECT a.alias, a.provider_name::pg_catalog.text, a.public FROM llm_admin.provider_aliases a", {}};
pg::statement all_model_aliases{
    "SELECT m.provider, m.pattern, m.canonical, m.priority FROM llm_admin.model_aliases m", {}};

// Whether the alias ships as the public one of that provider: what NULL stands for.
class shipped_public {
 public:
  bool operator()(std::string_view alias, std::string_view provider) {
    if (!rows_) rows_ = ships_.provider_aliases();
    for (std::uint32_t n = 0; n < rows_->size; ++n) {
      const json::node row = rows_->element(n);
      if (row.member("alias").text() != alias || row.member("provider_name").text() != provider) continue;
      const json::node is_public = row.member("public");
      return is_public.is_boolean() && is_public.truth();
    }
    return false;
  }

 private:
  shipped::catalog ships_;
  std::optional<json::node> rows_;
};

model_names read_names() {
  std::vector<provider_alias> providers;
  std::vector<model_alias> aliases;
  shipped_public ships_public;
  pg::spi shared;
  {
    pg::cursor rows = cursor_by_owner(all_provider_aliases, {}, pg::as_of::statement, &shared);
    pg::scratch row_memory;
    while (const auto row = rows.next()) {
      row_memory.reset();
      provider_alias one{row->text(1), row->text(2), false};
      one.is_public = row->is_null(3) ? ships_public(one.alias, one.provider) : row->boolean(3);
      providers.push_back(std::move(one));
    }
  }
  pg::cursor rows = cursor_by_owner(all_model_aliases, {}, pg::as_of::statement, &shared);
  pg::scratch row_memory;
  while (const auto row = rows.next()) {
    row_memory.reset();
    aliases.push_back({row->text(1), row->text(2), row->text(3), row->integer(4)});
  }
  return {std::move(providers), std::move(aliases)};
}

struct kept_names {
  cache_version version;
  model_names names;
};
// For the life of the backend; a pointer, so that no destructor runs at exit.
kept_names* names_kept = nullptr;

}  // namespace

const model_names& model_names_now() {
  const cache_version now = version_of(cached::model_names);
  if (names_kept != nullptr && !now.is_own && names_kept->version == now) return names_kept->names;
  auto made = std::make_unique<kept_names>(kept_names{now, read_names()});
  // A key that no row has: what this transaction has written is read anew.
  if (now.is_own) made->version.version = -1;
  const std::unique_ptr<kept_names> former(std::exchange(names_kept, made.release()));
  return names_kept->names;
}

void require_model(std::string_view model) {
  const bool has_controls = std::any_of(
      model.begin(), model.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  const bool has_blank = has_outer_blank(model);
  if (!model.empty() && !has_controls && !has_blank) return;
  throw llm_admin::error(sqlstate::invalid_parameter, "argument model cannot name a model",
                         model.empty()  ? "it is empty"
                         : has_controls ? "it holds control characters"
                                        : "it, or a part of it, begins or ends with a blank",
                         "give it as the vendor writes it: SELECT * FROM "
                         "llm_admin.canonical_model('openai', 'gpt-4o')");
}

model_named canonical_model(std::string_view provider, std::string_view model) {
  require_model(model);
  return model_names_now().canonical(provider, model);
}

}  // namespace llm_admin::store
