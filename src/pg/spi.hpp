// SQL from C++: constant, fully qualified statements, prepared once per backend and kept.
//
//   static pg::statement insert_row{"INSERT INTO llm_admin.t (a) VALUES ($1)", {TEXTOID}};
//   pg::spi spi;                         // connection; finished by its destructor
//   spi.run(insert_row, {pg::value(text)});
//
// Statement text never holds a value, and plaintext secrets are never parameters (nested statement logging
// prints them). Values and rows read from a result live until the connection ends; copy what must outlive it.
//
// The number and the types of parameters are those of the statement, and a column is read as what it is: both
// are checked, and a mismatch is an internal error. An error about an object of ours that is missing or was
// changed by hand says so in words (store/damage.hpp).
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "pg/args.hpp"
#include "pg/guard.hpp"
#include "pg/types.hpp"

namespace llm_admin::pg {

// A parameter. Text is held by reference until run() returns. The type of a NULL is InvalidOid.
struct parameter {
  Datum value = 0;
  bool is_null = true;
  std::string_view characters;
  bool is_text = false;
  Oid type = InvalidOid;
};

inline parameter null_value() { return {}; }
inline parameter value(std::string_view characters) { return {0, false, characters, true, TEXTOID}; }
inline parameter value(const char* characters) { return value(std::string_view(characters)); }
inline parameter value(const std::string& characters) { return value(std::string_view(characters)); }
inline parameter value(bool v) { return {BoolGetDatum(v), false, {}, false, BOOLOID}; }
inline parameter value(int v) { return {Int32GetDatum(v), false, {}, false, INT4OID}; }
inline parameter value(std::int64_t v) { return {Int64GetDatum(v), false, {}, false, INT8OID}; }
template <class T>
parameter value(const std::optional<T>& maybe) {
  return maybe ? value(*maybe) : null_value();
}
inline parameter datum_value(Datum v, Oid type) { return {v, false, {}, false, type}; }
inline parameter datum_value(typed_datum v) { return datum_value(v.value, v.type); }

class statement {
 public:
  static constexpr int most_parameters = 20;
  const char* sql;
  int count = 0;
  Oid types[most_parameters] = {};
  SPIPlanPtr plan = nullptr;

  // Whether it is planned anew for the values of each run: where they say how much there is to read, and planning is
  // little beside it.
  enum class planned : bool { once, each_time };
  planned when = planned::once;

  // At compile time: one parameter too many does not compile, and no constructor runs when the library loads.
  consteval statement(const char* constant_sql, std::initializer_list<Oid> parameter_types,
                      planned planned_when = planned::once)
      : sql(constant_sql), when(planned_when) {
    if (parameter_types.size() > most_parameters) throw "a statement has at most 20 parameters";
    for (Oid type : parameter_types) types[count++] = type;
  }
  // One without parameters whose text holds identifiers that are known at run time, quoted.
  static statement of_text(const char* sql_text) { return statement(sql_text); }

 private:
  constexpr explicit statement(const char* made_sql) : sql(made_sql) {}
};

class row {
 public:
  row(HeapTuple tuple, TupleDesc desc) : tuple_(tuple), desc_(desc) {}
  bool is_null(int column) const;         // columns count from 1
  Datum raw(int column, Oid type) const;  // NULL is an error of ours, and so is another type
  typed_datum value(int column) const;    // of whatever type; NULL has InvalidOid
  std::string_view text_view(int column) const { return text_of(raw(column, TEXTOID)); }
  std::string text(int column) const { return std::string(text_view(column)); }
  std::optional<std::string> maybe_text(int column) const {
    return is_null(column) ? std::nullopt : std::optional<std::string>(text(column));
  }
  int integer(int column) const { return DatumGetInt32(raw(column, INT4OID)); }
  std::int64_t bigint(int column) const { return DatumGetInt64(raw(column, INT8OID)); }
  bool boolean(int column) const { return DatumGetBool(raw(column, BOOLOID)); }
  HeapTuple tuple() const { return tuple_; }
  TupleDesc descriptor() const { return desc_; }

 private:
  Oid type_of(int column) const;  // an error of ours where there is no such column
  HeapTuple tuple_;
  TupleDesc desc_;
};

class spi {
 public:
  // No call leaves SPI's own memory context current: what callers build is theirs and outlives the
  // connection.
  spi();
  // Finishes the connection; after a server error, that is left to the abort of the transaction or of the
  // pg::subtransaction around it. Errors of our own may be caught anywhere.
  ~spi();
  spi(const spi&) = delete;
  spi& operator=(const spi&) = delete;

  // Runs the statement with a fresh snapshot (or, read_only, with the caller's) and returns the number of
  // rows.
  std::uint64_t run(statement& s, std::initializer_list<parameter> parameters, bool read_only = false);
  // The same against the newest committed state; under REPEATABLE READ a row that the transaction's snapshot
  // cannot see makes the server raise 40001, as its own foreign keys do.
  std::uint64_t run_on_latest(statement& s, std::initializer_list<parameter> parameters);
  // Reads what is committed and what this transaction has done so far. In a parallel plan, where the server
  // refuses that to everybody but the statement itself, what the running statement sees.
  std::uint64_t read_latest(statement& s, std::initializer_list<parameter> parameters) {
    return IsInParallelMode() ? run(s, parameters, true) : run_on_latest(s, parameters);
  }
  // Runs by a snapshot of the caller's (pg/snapshot.hpp) that is registered meanwhile.
  std::uint64_t run_by(statement& s, std::initializer_list<parameter> parameters, Snapshot registered);
  // A statement that is not prepared: utility commands with quoted identifiers.
  void execute(const std::string& sql);

  std::uint64_t rows() const noexcept { return rows_; }
  row at(std::uint64_t n) const;
  std::optional<row> first() const {
    return rows_ > 0 && table_ != nullptr ? std::optional<row>(at(0)) : std::nullopt;
  }

 private:
  enum class snapshot : std::uint8_t { fresh, of_caller, latest, given };
  void prepare(statement& s);
  // The one place where a statement runs: the values are compared with its parameters.
  std::uint64_t execute(statement& s, std::initializer_list<parameter> parameters, snapshot which,
                        Snapshot registered = nullptr);
  void take_result(int code, const char* sql);
  std::uint64_t errors_before_;  // detail::server_errors when the connection was made
  std::uint64_t rows_ = 0;
  SPITupleTable* table_ = nullptr;
};

// A block whose server errors may be caught and survived: an internal subtransaction, rolled back unless
// released.
class subtransaction {
 public:
  subtransaction();
  ~subtransaction();
  void release();

 private:
  MemoryContext memory_;
  ResourceOwner owner_;
  std::uint64_t errors_before_;
  bool open_ = true;
};

namespace detail {
// Set by _PG_init: says in words of ours what a server error about the objects in `sql` means.
extern void (*explain)(error& e, const char* sql);

// Internal error when the values are not those that the statement declares, by number or type.
void check(const statement& s, const parameter* parameters, int count);

// Parameters in the server's form.
struct bound {
  Datum values[statement::most_parameters];
  char nulls[statement::most_parameters];
  // Inside a guarded call: text is copied into the current context.
  void bind(const parameter* parameters, int count);
};
}  // namespace detail

// An identifier, quoted where the server would quote it.
std::string quoted(std::string_view identifier);

}  // namespace llm_admin::pg
