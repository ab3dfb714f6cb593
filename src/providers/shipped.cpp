// shipped_dialects, shipped_providers, shipped_provider_aliases: what the library ships, as rows.
#include "core/shipped.hpp"

#include <string>

#include "pg/entry.hpp"
#include "pg/jsonb.hpp"
#include "pg/result.hpp"

using namespace llm_admin;

namespace {

// The columns of one row, by the members of its JSON object; an absent member is NULL.
class shipped_row {
 public:
  explicit shipped_row(const json::node& members) : members_(members) {}

  shipped_row& text(std::string_view name) {
    const json::node value = members_.member(name);
    if (value.is_string())
      row_.add_text(value.text());
    else
      row_.add_null();
    return *this;
  }
  shipped_row& text_value(std::string_view value) {
    row_.add_text(value);
    return *this;
  }
  shipped_row& integer(std::string_view name) {
    const json::node value = members_.member(name);
    if (value.is_number())
      row_.add_integer(std::stoi(value.number_text()));
    else
      row_.add_null();
    return *this;
  }
  // False where it does not stand.
  shipped_row& boolean(std::string_view name) {
    const json::node value = members_.member(name);
    row_.add_boolean(value.is_boolean() && value.truth());
    return *this;
  }
  shipped_row& jsonb(std::string_view name) { return jsonb_value(members_.member(name)); }
  shipped_row& jsonb_value(const json::node& value) {
    json::tree tree;
    if (value.is_absent())
      row_.add_null();
    else
      row_.add_jsonb(pg::make_jsonb(tree.borrow(value)));
    return *this;
  }
  pg::row_builder& row() { return row_; }

 private:
  const json::node members_;
  pg::row_builder row_;
};

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_shipped_dialects)(FunctionCallInfo fcinfo) {
  shipped::catalog ships;
  pg::row_set rows(fcinfo);
  for (const shipped::dialect& one : ships.dialects()) {
    shipped_row row(one.row);
    row.text("dialect").text("endpoint_path_template").text("auth_scheme").text("auth_header_template");
    row.text_value("POST").jsonb_value(one.request_config).jsonb_value(one.response_config);
    rows.add(row.row());
  }
  return Datum{0};
}

LLM_ADMIN_FUNCTION(llm_admin_shipped_providers)(FunctionCallInfo fcinfo) {
  shipped::catalog ships;
  pg::row_set rows(fcinfo);
  for (const shipped::provider& one : ships.providers()) {
    shipped_row row(one.row);
    row.text("provider_name").text("display_name").text("description").text("auth_scheme");
    row.text("auth_header_template").text("base_url").text("endpoint_path_template").text_value("POST");
    row.jsonb("additional_headers").jsonb_value(one.request_config).jsonb_value(one.response_config);
    row.text("default_model").jsonb("supported_models").jsonb("model_capabilities");
    row.integer("context_window_tokens").integer("max_output_tokens_limit");
    row.boolean("is_active").boolean("is_enabled");
    rows.add(row.row());
  }
  return Datum{0};
}

LLM_ADMIN_FUNCTION(llm_admin_shipped_provider_aliases)(FunctionCallInfo fcinfo) {
  shipped::catalog ships;
  pg::row_set rows(fcinfo);
  const json::node aliases = ships.provider_aliases();
  for (std::uint32_t n = 0; n < aliases.size; ++n) {
    shipped_row row(aliases.element(n));
    row.text("alias").text("provider_name");
    rows.add(row.row());
  }
  return Datum{0};
}
