// config_since: what has changed in the configuration since a version, with each row as it is now.
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "core/glob.hpp"
#include "gateways/kinds.hpp"
#include "pg/args.hpp"
#include "pg/cursor.hpp"
#include "pg/entry.hpp"
#include "pg/jsonb.hpp"
#include "pg/result.hpp"
#include "pg/scratch.hpp"
#include "store/config_log.hpp"
#include "store/owner.hpp"
#include "store/row_text.hpp"
#include "store/seen_tenant.hpp"
#include "store/tables.hpp"

using namespace llm_admin;
using gateways::config_kind;
using gateways::visible;

namespace {

pg::statement select_versions{
    "SELECT pg_catalog.max(c.version), pg_catalog.count(*) FILTER (WHERE c.version OPERATOR(pg_catalog.=) "
    "$1) "
    "FROM (SELECT l.version FROM llm_admin.config_changes l WHERE l.version OPERATOR(pg_catalog.=) $1 "
    "UNION ALL (SELECT l.version FROM llm_admin.config_changes l ORDER BY l.number DESC LIMIT 1)) c",
    {INT8OID}};

// Each row once, at its last change.
pg::statement select_changes{
    "SELECT x.version, x.kind, x.id, x.tenant_id, x.op FROM (SELECT c.number, c.version, c.kind, c.id, "
    "c.tenant_id, c.op, "
    "pg_catalog.row_number() OVER (PARTITION BY c.kind, c.id, c.tenant_id ORDER BY c.number DESC) AS nth "
    "FROM llm_admin.config_changes c WHERE c.version OPERATOR(pg_catalog.>) $1) x "
    "WHERE x.nth OPERATOR(pg_catalog.=) 1::pg_catalog.int8 ORDER BY x.number",
    {INT8OID}};

class config_answer {
 public:
  config_answer(FunctionCallInfo fcinfo, std::optional<std::string> tenant)
      : rows_(fcinfo), tenant_(std::move(tenant)) {}

  void since(std::int64_t version) {
    pg::cursor changes(select_changes, {pg::value(version)});
    pg::scratch memory;
    while (const auto change = changes.next()) {
      memory.reset();
      const config_kind* kind = gateways::kind_named(change->text_view(2));
      if (kind == nullptr) continue;  // of a newer version that was left
      const std::int64_t at = change->bigint(1);
      if (change->text_view(5) == store::config_op::reset) {
        add(at, kind->name, "", store::config_op::reset, 0);
        add_all(at, *kind);
      } else if (sees(*kind, change->text_view(4))) {
        add_one(at, *kind, change->text_view(3));
      }
    }
  }

  void everything(std::int64_t version) {
    add(version, "", "", store::config_op::reset, 0);
    for (const config_kind& kind : gateways::config_kinds()) add_all(version, kind);
  }

 private:
  bool sees(const config_kind& kind, std::string_view tenant) const {
    if (!tenant_ || tenant.empty() || tenant == *tenant_) return true;
    return kind.to == visible::tenant_glob && glob_matches(tenant, *tenant_);
  }

  void add_all(std::int64_t version, const config_kind& kind) {
    pg::cursor all(*kind.list, {pg::value(tenant_)});
    pg::scratch memory;
    while (const auto row = all.next()) {
      memory.reset();
      const pg::tuple_image image(row->tuple(), row->descriptor(), InvalidOid, kind.table);
      if (sees(kind, gateways::tenant_of(kind, image)))
        add(version, kind.name, gateways::id_of(kind, image), store::config_op::put, data_of(kind, image));
    }
  }

  void add_one(std::int64_t version, const config_kind& kind, std::string_view id) {
    pg::spi sql;
    if (sql.run(*kind.find, {pg::value(id)}, true) == 0) {
      add(version, kind.name, id, store::config_op::gone, 0);
      return;
    }
    const pg::row row = sql.at(0);
    const pg::tuple_image image(row.tuple(), row.descriptor(), InvalidOid, kind.table);
    if (sees(kind, gateways::tenant_of(kind, image)))
      add(version, kind.name, id, store::config_op::put, data_of(kind, image));
    else  // it is another tenant's now
      add(version, kind.name, id, store::config_op::gone, 0);
  }

  // 0: not for this caller.
  Datum data_of(const config_kind& kind, const pg::tuple_image& row) const {
    if (tenant_ && kind.to == visible::overseers) return 0;
    const bool of_key = std::strcmp(kind.table, "access_keys") == 0;
    char room[4096];
    json::tree tree(room);
    json::item* data = tree.object();
    for (int n = 1; n <= row.columns(); ++n) {
      const std::string_view name = row.name_of(n);
      if (row.is_dropped(n) || audit::is_key_column(name) || audit::is_running_note(name)) continue;
      if (of_key && name != "id" && name != "prefix") continue;
      tree.append(data, name, audit::column_value(tree, row, n));
    }
    return pg::make_jsonb(data);
  }

  void add(std::int64_t version, std::string_view kind, std::string_view id, std::string_view op,
           Datum data) {
    pg::row_builder out;
    out.add_bigint(version).add_text(kind).add_text(id).add_text(op);
    if (data == 0)
      out.add_null();
    else
      out.add_jsonb(data);
    rows_.add(out);
  }

  pg::row_set rows_;
  const std::optional<std::string> tenant_;  // nothing: the rows of all tenants
};

}  // namespace

// A version that no row has is one of before a restore, of a server that lost it, or one that is kept no more.
LLM_ADMIN_FUNCTION(llm_admin_config_since)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const std::int64_t since = in.is_null(0) ? 0 : DatumGetInt64(in.raw(0, INT8OID));
  config_answer answer(fcinfo, store::seen_tenant(std::nullopt));
  const store::as_owner owner;
  std::int64_t last = 0;
  bool is_known = false;
  {
    pg::spi sql;
    sql.run(select_versions, {pg::value(since)}, true);
    const pg::row versions = sql.at(0);
    last = versions.is_null(1) ? 0 : versions.bigint(1);
    is_known = versions.bigint(2) > 0;
  }
  if (is_known)
    answer.since(since);
  else
    answer.everything(last);
  return Datum{0};
}
