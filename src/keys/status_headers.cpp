// The part of key_status() that looks at providers' headers: what 0.3 took and is refused since goes on
// working where it is stored, and is told here.
#include <string>

#include "core/given_name.hpp"
#include "core/http/auth.hpp"
#include "keys/status.hpp"
#include "pg/spi.hpp"
#include "store/owner.hpp"

namespace llm_admin::keys {

namespace {

pg::statement select_headers{
    "SELECT p.provider_name::pg_catalog.text, h.name FROM llm_admin.llm_provider_configs p "
    "CROSS JOIN LATERAL pg_catalog.jsonb_each(pg_catalog.jsonb_build_object('a', p.additional_headers, "
    "'b', p.request_builder_config OPERATOR(pg_catalog.->) 'headers')) AS o(kind, headers) "
    "CROSS JOIN LATERAL pg_catalog.jsonb_object_keys(CASE WHEN pg_catalog.jsonb_typeof(o.headers) "
    "OPERATOR(pg_catalog.=) 'object' THEN o.headers ELSE '{}'::pg_catalog.jsonb END) AS h(name) "
    "ORDER BY p.provider_name, h.name LIMIT 10000",
    {}};

}  // namespace

void add_headers(status_rows& rows) {
  constexpr std::size_t most_named = 10;
  std::string named;
  std::size_t count = 0;
  {
    const store::as_owner owner;
    pg::spi sql;
    sql.run(select_headers, {}, true);
    for (std::uint64_t n = 0; n < sql.rows(); ++n) {
      const std::string header = sql.at(n).text(2);
      if (!auth::is_reserved_header(header) || ++count > most_named) continue;
      named += (named.empty() ? "" : ", ") + sql.at(n).text(1) + ": " + header_named(header);
    }
  }
  constexpr const char* item = "headers that steer or carry credentials";
  if (count == 0) {
    rows.add(item, "none", verdict::ok);
    return;
  }
  if (count > most_named) named += ", and " + std::to_string(count - most_named) + " more";
  rows.add(item, named, verdict::warning,
           "they are still sent, and refused when they are written anew: take them out of additional_headers "
           "and of the mapping's headers");
}

}  // namespace llm_admin::keys
