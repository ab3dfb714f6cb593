// create_provider: a row from three facts and the mapping of a shipped dialect.
#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/keys/key_text.hpp"
#include "core/similar.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/jsonb.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/spi.hpp"
#include "providers/listing.hpp"
#include "store/key_cache.hpp"
#include "store/owner.hpp"
#include "store/sealing.hpp"

using namespace llm_admin;

namespace {

pg::statement find_dialect{
    "SELECT d.endpoint_path_template, d.auth_scheme, d.auth_header_template, d.http_method, "
    "d.request_builder_config, "
    "d.response_extractor_config FROM llm_admin.shipped_dialects() d WHERE d.dialect OPERATOR(pg_catalog.=) "
    "$1",
    {TEXTOID}};
pg::statement dialect_names{
    "SELECT pg_catalog.string_agg(d.dialect, ', ' ORDER BY d.dialect COLLATE pg_catalog.\"C\") FROM "
    "llm_admin.shipped_dialects() d",
    {}};
pg::statement insert_provider{
    "INSERT INTO llm_admin.llm_provider_configs (provider_name, display_name, description, "
    "api_key_encrypted, "
    "auth_scheme, auth_header_template, base_url, endpoint_path_template, http_method, additional_headers, "
    "request_builder_config, response_extractor_config, default_model, supported_models, model_capabilities, "
    "context_window_tokens, max_output_tokens_limit, is_enabled, updated_by) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
    {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, JSONBOID, JSONBOID,
     JSONBOID, TEXTOID, JSONBOID, JSONBOID, INT4OID, INT4OID, BOOLOID, TEXTOID}};

constexpr std::array<std::string_view, 14> known_options = {"description",
                                                            "auth_scheme",
                                                            "auth_header_template",
                                                            "endpoint_path_template",
                                                            "http_method",
                                                            "additional_headers",
                                                            "supported_models",
                                                            "model_capabilities",
                                                            "context_window_tokens",
                                                            "max_output_tokens_limit",
                                                            "is_enabled",
                                                            "updated_by",
                                                            "request_builder_config",
                                                            "response_extractor_config"};

[[noreturn]] void bad_option(std::string_view name, const char* expected) {
  throw error(sqlstate::invalid_parameter, "option " + std::string(name) + " must be " + expected);
}

class options {
 public:
  explicit options(const json::node& given) : given_(given) {
    if (given.is_absent()) return;
    if (!given.is_object())
      throw error(sqlstate::invalid_parameter, "argument options must be a JSON object");
    for (std::uint32_t n = 0; n < given.size; ++n) {
      std::string_view name;
      (void)given.member_at(n, name);
      if (std::find(known_options.begin(), known_options.end(), name) != known_options.end()) continue;
      const std::vector<std::string> near = nearest(name, known_options);
      std::string known;
      for (const std::string_view o : known_options) known += (known.empty() ? "" : ", ") + std::string(o);
      throw error(sqlstate::invalid_parameter, "unknown option " + named_or_length(name, known_options),
                  "known options: " + known, near.empty() ? "" : "did you mean " + near.front() + "?");
    }
  }
  std::optional<std::string_view> text(std::string_view name) const {
    const json::node n = given_.member(name);
    if (n.is_absent()) return std::nullopt;
    if (!n.is_string()) bad_option(name, "a text");
    return n.text();
  }
  std::optional<bool> boolean(std::string_view name) const {
    const json::node n = given_.member(name);
    if (n.is_absent()) return std::nullopt;
    if (!n.is_boolean()) bad_option(name, "true or false");
    return n.truth();
  }
  std::optional<int> count(std::string_view name) const {
    const json::node n = given_.member(name);
    if (n.is_absent()) return std::nullopt;
    const std::string digits = n.is_number() ? n.number_text() : "";
    if (digits.empty() || digits.size() > 9 || digits.find_first_not_of("0123456789") != std::string::npos)
      bad_option(name, "a whole number");
    return std::stoi(digits);
  }
  // The jsonb of the option, or of `otherwise`.
  pg::parameter jsonb(std::string_view name, pg::parameter otherwise) const {
    const json::node n = given_.member(name);
    if (n.is_absent()) return otherwise;
    json::tree tree;
    return pg::datum_value(pg::make_jsonb(tree.borrow(n)), JSONBOID);
  }

 private:
  json::node given_;
};

// 'My Provider (EU)' -> 'my_provider_eu'.
std::string name_from(std::string_view display_name) {
  std::string name;
  for (const char c : display_name) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      name += upper ? static_cast<char>(c - 'A' + 'a') : c;
    else if (!name.empty() && name.back() != '_')
      name += '_';
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  if (name.empty())
    throw error(sqlstate::invalid_parameter, "no provider_name can be made of this display_name",
                "it holds no ASCII letter or digit", "give provider_name => '<name>' ([a-z0-9_]+)");
  return name.substr(0, 100);
}

void insert(pg::spi& sql, const pg::args& in, const std::string& name, const pg::row& dialect) {
  const options given(in.jsonb(6, pg::most::settings));
  const std::string_view base_url = in.required_text(1, "base_url", pg::most::url);
  std::string scheme(given.text("auth_scheme").value_or(dialect.text(2)));
  std::optional<std::string> header;
  if (const auto text = given.text("auth_header_template"))
    header = *text;
  else if (scheme == dialect.text(2))
    header = dialect.maybe_text(3);
  // A key for what usually needs none: the server stands behind a door that takes bearer tokens.
  if (scheme == "none" && !given.text("auth_scheme") && !in.is_null(5)) {
    scheme = "bearer";
    if (!header) header = "Authorization: Bearer {api_key}";
  }
  std::optional<std::string> envelope;
  if (const auto key = in.text(5, pg::most::key)) {
    require_key(*key);
    envelope =
        store::seal_for({name, base_url, scheme, header ? std::string_view(*header) : ""}, as_bytes(*key));
  }
  sql.run(
      insert_provider,
      {pg::value(name), pg::value(in.required_text(0, "display_name")), pg::value(given.text("description")),
       pg::value(envelope), pg::value(scheme), pg::value(header), pg::value(base_url),
       pg::value(std::string(given.text("endpoint_path_template").value_or(dialect.text(1)))),
       pg::value(std::string(given.text("http_method").value_or(dialect.text(4)))),
       given.jsonb("additional_headers", pg::null_value()),
       given.jsonb("request_builder_config", pg::datum_value(dialect.value(5))),
       given.jsonb("response_extractor_config", pg::datum_value(dialect.value(6))),
       pg::value(in.required_text(2, "default_model")), given.jsonb("supported_models", pg::null_value()),
       given.jsonb("model_capabilities", pg::null_value()), pg::value(given.count("context_window_tokens")),
       pg::value(given.count("max_output_tokens_limit")),
       pg::value(given.boolean("is_enabled").value_or(true)), pg::value(given.text("updated_by"))});
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_create_provider)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  pg::require_primary("create_provider");
  const std::string name(in.is_null(3) ? name_from(in.required_text(0, "display_name"))
                                       : std::string(*in.text(3)));
  const std::string dialect(in.required_text(4, "dialect"));
  if (!in.is_null(5)) store::key_cache::lock_for_sealing();  // before any row's
  {
    const store::as_owner owner;
    pg::spi sql;
    sql.run(find_dialect, {pg::value(dialect)}, true);
    const auto found = sql.first();
    if (!found) {
      sql.run(dialect_names, {}, true);
      throw error(sqlstate::invalid_parameter, "unknown dialect " + named_or_length(dialect), "",
                  "known dialects: " + sql.first()->text(1));
    }
    insert(sql, in, name, *found);
  }
  return providers::listing_of(fcinfo, name);
}
