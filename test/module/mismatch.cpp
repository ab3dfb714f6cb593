// llm_admin_test.mismatch(kind): values handed over the bridge as something they are not. Each kind is an
// internal error in words. Were one of the checks missing, the server would take a number for a pointer.
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"

namespace llm_admin::test {

namespace {

pg::statement two{"SELECT $1, $2", {TEXTOID, INT4OID}};
pg::statement none{"SELECT 1", {}};
pg::statement row{"SELECT 1, 'a'::pg_catalog.text, 2::pg_catalog.int8, true, NULL::pg_catalog.text", {}};
pg::statement of_domain{
    "SELECT 'word'::information_schema.character_data, 4::information_schema.cardinal_number", {}};

using parameters = std::initializer_list<pg::parameter>;

std::string given(parameters values, bool latest = false) {
  pg::spi sql;
  latest ? sql.run_on_latest(two, values) : sql.run(two, values);
  return sql.first()->text(1) + " " + std::to_string(sql.first()->integer(2));
}

template <class Read>
std::string read(Read how) {
  pg::spi sql;
  sql.run(row, {});
  return how(*sql.first());
}

pg::row_builder wide(int columns) {
  pg::row_builder made;
  for (int n = 0; n < columns; ++n) made.add_integer(n);
  return made;
}

std::string run(std::string_view kind) {
  using pg::value;
  if (kind == "right") return given({value("a"), value(1)}) + given({value("b"), value(2)}, true);
  if (kind == "null fits") {
    pg::spi sql;
    sql.run(two, {pg::null_value(), pg::null_value()});
    return sql.first()->is_null(1) && sql.first()->is_null(2) ? "two nulls" : "values";
  }
  if (kind == "one value too few") return given({value("a")});
  if (kind == "none given") return given({}, true);
  if (kind == "one value too many") return given({value("a"), value(1), value(2)});
  if (kind == "values for none") {
    pg::spi sql;
    return std::to_string(sql.run(none, {value("a")}));
  }
  if (kind == "latest, too few") return given({value("a")}, true);
  if (kind == "int for text") return given({value(4096), value(1)});
  if (kind == "text for int") return given({value("a"), value("b")});
  if (kind == "bigint for int") return given({value("a"), value(std::int64_t{1})});
  if (kind == "bool for int, latest") return given({value("a"), value(true)}, true);
  if (kind == "bytea for text") return given({pg::datum_value(pg::make_text("a"), BYTEAOID), value(1)});
  if (kind == "columns") {
    return read([](const pg::row& r) {
      return std::to_string(r.integer(1)) + r.text(2) + std::to_string(r.bigint(3)) +
             (r.boolean(4) ? "t" : "f") + r.maybe_text(5).value_or("-");
    });
  }
  if (kind == "domains") {
    pg::spi sql;
    sql.run(of_domain, {});
    return sql.first()->text(1) + std::to_string(sql.first()->integer(2));
  }
  if (kind == "text of int") return read([](const pg::row& r) { return r.text(1); });
  if (kind == "text of bigint") return read([](const pg::row& r) { return r.text(3); });
  if (kind == "integer of text") return read([](const pg::row& r) { return std::to_string(r.integer(2)); });
  if (kind == "bigint of int") return read([](const pg::row& r) { return std::to_string(r.bigint(1)); });
  if (kind == "boolean of text") return read([](const pg::row& r) { return std::to_string(r.boolean(2)); });
  if (kind == "null") return read([](const pg::row& r) { return r.text(5); });
  if (kind == "column 0") return read([](const pg::row& r) { return r.text(0); });
  if (kind == "column 6") return read([](const pg::row& r) { return r.is_null(6) ? "null" : r.text(6); });
  if (kind == "row 1 of 1") {
    pg::spi sql;
    sql.run(row, {});
    return sql.at(1).text(2);
  }
  if (kind == "32 columns") return std::to_string(wide(32).size());
  if (kind == "33 columns") return std::to_string(wide(33).size());
  throw error(sqlstate::invalid_parameter, "unknown kind");
}

// What result() and results() make: (text, integer, jsonb), or what `kind` says.
pg::row_builder made(std::string_view kind) {
  pg::row_builder row_made;
  if (kind == "too few") return row_made.add_text("a"), row_made;
  kind == "int for text" ? row_made.add_integer(4096) : row_made.add_text("a");
  kind == "text for int" ? row_made.add_text("b") : row_made.add_integer(7);
  kind == "null"
      ? row_made.add_null()
      : row_made.add_jsonb(pg::call([] { return DirectFunctionCall1(jsonb_in, CStringGetDatum("{}")); }));
  if (kind == "more") row_made.add_text("of a newer version");
  return row_made;
}

}  // namespace

}  // namespace llm_admin::test

LLM_ADMIN_FUNCTION(llm_admin_test_mismatch)(FunctionCallInfo fcinfo) {
  using namespace llm_admin;
  return pg::make_text(test::run(pg::args(fcinfo).required_text(0, "kind")));
}

LLM_ADMIN_FUNCTION(llm_admin_test_result)(FunctionCallInfo fcinfo) {
  using namespace llm_admin;
  pg::row_builder row = test::made(pg::args(fcinfo).required_text(0, "kind"));
  return pg::make_row(fcinfo, row);
}

LLM_ADMIN_FUNCTION(llm_admin_test_results)(FunctionCallInfo fcinfo) {
  using namespace llm_admin;
  pg::row_set rows(fcinfo);
  pg::row_builder row = test::made(pg::args(fcinfo).required_text(0, "kind"));
  rows.add(row);
  return Datum{0};
}

// Reads each kind of argument: (text, integer, boolean, jsonb), those that are there.
LLM_ADMIN_FUNCTION(llm_admin_test_arguments)(FunctionCallInfo fcinfo) {
  using namespace llm_admin;
  const pg::args in(fcinfo);
  std::string read(in.text(0).value_or("-"));
  read += " " + (in.integer(1) ? std::to_string(*in.integer(1)) : "-");
  read += in.is_null(2) ? " -" : (in.boolean(2, false) ? " true" : " false");
  read += in.jsonb(3).is_absent() ? " -" : " json";
  return pg::make_text(read);
}
