// llm_admin_test.fail(kind): every way an error can start below a C++ function that holds objects.
//
// Each kind runs below two frames that own a cargo each, so an error that skips destructors leaves both
// behind. Kinds ending in _unguarded and the one named hold_interrupts break the rules of src/pg on purpose:
// they show that the tests would see it.
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

#include "cargo.hpp"
#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/spi.hpp"

namespace llm_admin::test {

namespace {

using action = std::string (*)();  // returns what fail() returns, if it returns

// Server error with every field a client can read. Texts hold format characters and non-ASCII letters.
void ereport_in_full() {
  ereport(
      ERROR,
      (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg_internal("%s", "no such thing: 100 %s größer"),
       errdetail_internal("%s", "It was \"sought\" in 2 places.\nNeither %d had it."),
       errhint("%s", "CALL make_thing('%n');"), err_generic_string(PG_DIAG_SCHEMA_NAME, "a_schema"),
       err_generic_string(PG_DIAG_TABLE_NAME, "a_table"), err_generic_string(PG_DIAG_COLUMN_NAME, "a_column"),
       err_generic_string(PG_DIAG_DATATYPE_NAME, "a_type"),
       err_generic_string(PG_DIAG_CONSTRAINT_NAME, "a_constraint")));
}

std::string none() { return "no error"; }

std::string server_error() {
  pg::call([] { ereport_in_full(); });
  return {};
}

std::string cxx_exception() {
  throw error(sqlstate::request_invalid, "no such thing: 100 %s größer",
              "It was \"sought\" in 2 places.\nNeither %d had it.", "CALL make_thing('%n');");
}

// Longer than what pg::entry keeps: the cut must not leave half a character.
std::string cxx_long_texts() {
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += "é";
  throw error(sqlstate::request_invalid, text, text, text);
}

std::string bad_alloc() { throw std::bad_alloc(); }
std::string runtime_error() { throw std::runtime_error("a plain " + std::string(100, 'x')); }
std::string thrown_int() { throw 42; }

// What a cancel request does to a backend, at the one place where it can be told apart from luck.
std::string cancel() {
  pg::call([] {
    QueryCancelPending = true;
    InterruptPending = true;
    CHECK_FOR_INTERRUPTS();
  });
  return {};
}

pg::statement divide{"SELECT 1 OPERATOR(pg_catalog./) $1", {INT4OID}};
pg::statement rounds_of{"SELECT r.state FROM llm_admin_test.rounds($1, 3) AS r", {TEXTOID}};
pg::statement fail_again{"SELECT llm_admin_test.fail($1)", {TEXTOID}};

std::string spi_error() {
  pg::spi spi;
  spi.run(divide, {pg::value(0)});
  return {};
}

// A plain exception while a connection is open.
std::string spi_then_exception() {
  pg::spi spi;
  spi.run(divide, {pg::value(1)});
  throw error(sqlstate::request_invalid, "refused after " + std::to_string(spi.rows()) + " row");
}

// An error inside SPI that is survived: what was open is gone, and the outer connection still works.
std::string spi_survived() {
  pg::spi outer;
  std::string caught;
  try {
    pg::subtransaction block;
    cargo inside;
    pg::spi inner;
    inner.run(divide, {pg::value(0)});
  } catch (const pg::error& e) {
    caught = e.sqlstate();
  }
  outer.run(divide, {pg::value(1)});
  return caught + ", then " + std::to_string(outer.first()->integer(1));
}

// Errors of our own that pass connections are caught without a block, many in one transaction. A connection
// that stayed open would be the outer one's from then on, and the last would be left at commit.
std::string spi_own_error_caught() {
  pg::spi outer;
  int caught = 0;
  for (int n = 0; n < 20; ++n) {
    try {
      pg::spi first;
      first.run(divide, {pg::value(1)});
      pg::spi second;
      second.run(divide, {pg::value(1)});
      throw error(sqlstate::request_invalid, "refused");
    } catch (const error&) {
      ++caught;
    }
  }
  outer.run(divide, {pg::value(1)});
  return std::to_string(caught) + ", then " + std::to_string(outer.first()->integer(1));
}

// The same after a server error that was rolled back: what it counted is put back.
std::string spi_own_error_after_survived() {
  const std::string survived = spi_survived();
  return survived + "; " + spi_own_error_caught();
}

// An own error thrown while a server error passes its connections: the block alone may end them.
std::string spi_own_error_for_server_error() {
  pg::spi outer;
  std::string caught;
  try {
    pg::subtransaction block;
    try {
      pg::spi inner;
      inner.run(divide, {pg::value(0)});
    } catch (const pg::error& e) {
      throw error(sqlstate::request_invalid, std::string("instead of ") + e.sqlstate());
    }
  } catch (const error& e) {
    caught = e.message();
  }
  outer.run(divide, {pg::value(1)});
  return caught + ", then " + std::to_string(outer.first()->integer(1));
}

// The same with the outer connection itself inside the block, and with a second error afterwards.
std::string spi_error_then_error() {
  pg::spi spi;
  std::string caught;
  try {
    pg::subtransaction block;
    spi.run(divide, {pg::value(0)});
  } catch (const pg::error& e) {
    caught = std::string(e.sqlstate()) + " " + e.what();
  }
  const char* text = caught.c_str();
  pg::call(
      [=] { ereport(ERROR, (errcode(ERRCODE_RAISE_EXCEPTION), errmsg("second error after %s", text))); });
  return {};
}

std::string nested(const char* kind) {
  pg::spi spi;
  spi.run(fail_again, {pg::value(kind)});
  return spi.first()->text(1);
}

std::string nested_server_error() { return nested("server_error"); }
std::string nested_cxx_exception() { return nested("cxx_exception"); }
std::string nested_cancel() { return nested("cancel"); }
std::string nested_twice() { return nested("nested_server_error"); }
// Survived by another language between two of our functions, whose block knows nothing of our count.
std::string nested_in_plpgsql() {
  pg::spi outer;
  outer.run(rounds_of, {pg::value("spi_error")});
  return outer.first()->text(1) + "; " + spi_own_error_caught();
}

std::string nested_survived() { return nested("spi_survived"); }

// An inner entry's error caught by the outer one: its data must outlive the inner function's memory.
std::string nested_caught() {
  std::string caught;
  try {
    pg::subtransaction block;
    nested("nested_server_error");
  } catch (const pg::error& e) {
    caught = std::string(e.sqlstate()) + " " + e.what();
  }
  return caught;
}

// ---- rules broken on purpose ------------------------------------------------------------------------------

std::string server_error_unguarded() {
  ereport_in_full();
  return {};
}

// The guard stands too far out: what lives inside the guarded call is skipped.
std::string object_inside_unguarded() {
  pg::call([] {
    const cargo skipped;
    ereport_in_full();
  });
  return {};
}

std::string context_unguarded() {
  pg::call([] {
    MemoryContextAllocZero(TopMemoryContext, cargo::block_bytes);
    ereport_in_full();
  });
  return {};
}

std::string hold_interrupts() {
  InterruptHoldoffCount = InterruptHoldoffCount + 1;  // HOLD_INTERRUPTS() without its other half
  return "held";
}

struct named_action {
  std::string_view name;
  action run;
};

constexpr named_action actions[] = {
    {"none", none},
    {"server_error", server_error},
    {"cxx_exception", cxx_exception},
    {"cxx_long_texts", cxx_long_texts},
    {"bad_alloc", bad_alloc},
    {"runtime_error", runtime_error},
    {"thrown_int", thrown_int},
    {"cancel", cancel},
    {"spi_error", spi_error},
    {"spi_then_exception", spi_then_exception},
    {"spi_survived", spi_survived},
    {"spi_error_then_error", spi_error_then_error},
    {"spi_own_error_caught", spi_own_error_caught},
    {"spi_own_error_after_survived", spi_own_error_after_survived},
    {"spi_own_error_for_server_error", spi_own_error_for_server_error},
    {"nested_in_plpgsql", nested_in_plpgsql},
    {"nested_server_error", nested_server_error},
    {"nested_cxx_exception", nested_cxx_exception},
    {"nested_cancel", nested_cancel},
    {"nested_twice", nested_twice},
    {"nested_survived", nested_survived},
    {"nested_caught", nested_caught},
    {"server_error_unguarded", server_error_unguarded},
    {"object_inside_unguarded", object_inside_unguarded},
    {"context_unguarded", context_unguarded},
    {"hold_interrupts", hold_interrupts},
};

[[gnu::noinline]] std::string run_with_cargo(action run) {
  const cargo inner;
  return run();
}

}  // namespace

}  // namespace llm_admin::test

LLM_ADMIN_FUNCTION(llm_admin_test_fail)(FunctionCallInfo fcinfo) {
  using namespace llm_admin;
  const std::string kind(pg::args(fcinfo).required_text(0, "kind"));
  const test::cargo outer;
  for (const test::named_action& a : test::actions)
    if (a.name == kind) return pg::make_text(test::run_with_cargo(a.run));
  throw error(sqlstate::invalid_parameter, "unknown kind " + kind);
}
