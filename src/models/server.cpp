#include "models/server.hpp"

#include <limits>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/json/tree.hpp"
#include "core/similar.hpp"
#include "pg/jsonb.hpp"
#include "store/owner.hpp"

namespace llm_admin::models {

namespace {

constexpr std::uint64_t most_names = 1000;
pg::statement server_named{
    "SELECT 1 FROM llm_admin.model_servers s WHERE s.name OPERATOR(pg_catalog.=) $1::pg_catalog.varchar",
    {TEXTOID}};
pg::statement server_names{
    "SELECT s.name::pg_catalog.text FROM llm_admin.model_servers s ORDER BY s.name LIMIT 1000", {}};

}  // namespace

void unknown_server(std::string_view name) {
  std::vector<std::string> all;
  {
    const store::as_owner owner;
    pg::spi sql;
    const std::uint64_t count = sql.run_on_latest(server_names, {});
    for (std::uint64_t n = 0; n < count && n < most_names; ++n) all.push_back(sql.at(n).text(1));
  }
  const std::vector<std::string_view> known(all.begin(), all.end());
  std::string near;
  for (const std::string& one : nearest(name, known)) near += (near.empty() ? "there is " : ", ") + one;
  throw error(sqlstate::undefined_object, "there is no server " + quoted_or_length(name, known), near,
              "INSERT INTO llm_admin.model_servers (name, type, host, port) VALUES ('<server>', 'ollama', "
              "'<host>', 11434) adds one");
}

void require_server(std::string_view name) {
  {
    const store::as_owner owner;
    pg::spi sql;
    if (sql.run_on_latest(server_named, {pg::value(name)}) > 0) return;
  }
  unknown_server(name);
}

pg::parameter jsonb_of(const json::node& object) {
  if (object.is_absent()) return pg::null_value();
  json::tree out;
  return pg::datum_value(pg::make_jsonb(out.borrow(object)), JSONBOID);
}

pg::parameter integer_of(std::string_view option, const std::optional<std::int64_t>& number) {
  if (!number) return pg::null_value();
  if (*number < std::numeric_limits<std::int32_t>::min() ||
      *number > std::numeric_limits<std::int32_t>::max())
    throw error(sqlstate::invalid_parameter, "option " + std::string(option) + " is out of range");
  return pg::value(static_cast<int>(*number));
}

}  // namespace llm_admin::models
