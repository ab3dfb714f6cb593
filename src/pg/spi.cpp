#include "pg/spi.hpp"

#include "core/error.hpp"

extern "C" {
#include "utils/plancache.h"
#include "utils/resowner.h"
}

namespace llm_admin::pg {

void (*detail::explain)(error& e, const char* sql) = nullptr;

namespace {

[[noreturn]] void mismatch(std::string what, const char* sql) {
  throw llm_admin::error(sqlstate::internal_error, std::move(what), sql);
}

}  // namespace

// The values are those that the statement declares: an array is handed to the server, which reads as many of
// them as the plan has, each as the type that the plan says.
void detail::check(const statement& s, const parameter* parameters, int count) {
  if (count != s.count)
    mismatch("a statement of " + std::to_string(s.count) + " parameters was given " + std::to_string(count) +
                 " values",
             s.sql);
  for (int i = 0; i < count; ++i)
    if (!parameters[i].is_null && parameters[i].type != s.types[i])
      mismatch("parameter " + std::to_string(i + 1) + " of a statement is of type " + type_name(s.types[i]) +
                   " and was given a value of type " + type_name(parameters[i].type),
               s.sql);
}

void detail::bound::bind(const parameter* parameters, int count) {
  for (int i = 0; i < count; ++i) {
    const parameter& p = parameters[i];
    nulls[i] = p.is_null ? 'n' : ' ';
    values[i] = p.is_text && !p.is_null ? PointerGetDatum(cstring_to_text_with_len(
                                              p.characters.data(), static_cast<int>(p.characters.size())))
                                        : p.value;
  }
}

Oid row::type_of(int column) const {
  if (column < 1 || column > desc_->natts)
    throw llm_admin::error(sqlstate::internal_error, "a result of " + std::to_string(desc_->natts) +
                                                         " columns has no column " + std::to_string(column));
  return TupleDescAttr(desc_, column - 1)->atttypid;
}

bool row::is_null(int column) const {
  (void)type_of(column);
  const HeapTuple tuple = tuple_;
  const TupleDesc desc = desc_;
  return call([=] { return heap_attisnull(tuple, column, desc); });
}

typed_datum row::value(int column) const {
  const Oid type = type_of(column);
  const HeapTuple tuple = tuple_;
  const TupleDesc desc = desc_;
  bool null = false;
  const Datum datum = call([&] { return heap_getattr(tuple, column, desc, &null); });
  return null ? typed_datum{0, InvalidOid} : typed_datum{datum, type};
}

Datum row::raw(int column, Oid type) const {
  const typed_datum found = value(column);
  if (!OidIsValid(found.type))
    throw llm_admin::error(sqlstate::internal_error, "unexpected null in a result column");
  if (!fits(found.type, type))
    refuse_type("result column " + std::to_string(column) + " is of type " + type_name(found.type) +
                " and was read as " + type_name(type));
  return found.value;
}

spi::spi() : errors_before_(detail::server_errors) {
  call([] {
    const MemoryContext memory = CurrentMemoryContext;
    if (SPI_connect() != SPI_OK_CONNECT) elog(ERROR, "SPI_connect failed");
    MemoryContextSwitchTo(memory);  // what callers build belongs to them, not to the connection
  });
}

spi::~spi() {
  if (detail::server_errors != errors_before_) return;
  SPI_finish();  // frees and switches contexts only; raises nothing for a connected caller
}

namespace {

// A rule DO INSTEAD NOTHING leaves a plan that names no table: the server would not hear that the rule has gone.
bool does_nothing(SPIPlanPtr plan) {
  ListCell* each;
  foreach (each, SPI_plan_get_plan_sources(plan))
    if (static_cast<const CachedPlanSource*>(lfirst(each))->query_list != NIL) return false;
  return true;
}

}  // namespace

void spi::prepare(statement& s) {
  if (s.plan != nullptr && !does_nothing(s.plan)) return;
  call([&] {
    const MemoryContext memory = CurrentMemoryContext;
    const SPIPlanPtr former = s.plan;
    s.plan = nullptr;
    if (former != nullptr) SPI_freeplan(former);
    const int options = s.when == statement::planned::each_time ? CURSOR_OPT_CUSTOM_PLAN : 0;
    SPIPlanPtr plan = SPI_prepare_cursor(s.sql, s.count, s.types, options);
    if (plan == nullptr) elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
    if (SPI_keepplan(plan) != 0) elog(ERROR, "SPI_keepplan failed");
    s.plan = plan;
    MemoryContextSwitchTo(memory);
  });
}

void spi::take_result(int code, const char* sql) {
  if (code < 0)
    throw llm_admin::error(sqlstate::internal_error,
                           std::string("SPI failed: ") + SPI_result_code_string(code), sql);
  rows_ = SPI_processed;
  table_ = SPI_tuptable;
}

std::uint64_t spi::execute(statement& s, std::initializer_list<parameter> parameters, snapshot which,
                           Snapshot registered) {
  const parameter* first = parameters.begin();
  const int count = static_cast<int>(parameters.size());
  detail::check(s, first, count);
  int code = 0;
  try {
    prepare(s);
    detail::bound b;
    code = call([&] {
      const MemoryContext memory = CurrentMemoryContext;
      b.bind(first, count);
      int result;
      if (which == snapshot::latest) {
        CommandCounterIncrement();  // so that the caller's own changes are seen
        Snapshot newest = RegisterSnapshot(GetLatestSnapshot());
        Snapshot crosscheck =
            IsolationUsesXactSnapshot() ? RegisterSnapshot(GetTransactionSnapshot()) : InvalidSnapshot;
        result = SPI_execute_snapshot(s.plan, b.values, b.nulls, newest, crosscheck, false, true, 0);
        if (crosscheck != InvalidSnapshot) UnregisterSnapshot(crosscheck);
        UnregisterSnapshot(newest);
      } else if (which == snapshot::given) {
        CommandCounterIncrement();
        result = SPI_execute_snapshot(s.plan, b.values, b.nulls, registered, InvalidSnapshot, false, true, 0);
      } else {
        result = SPI_execute_plan(s.plan, b.values, b.nulls, which == snapshot::of_caller, 0);
      }
      MemoryContextSwitchTo(memory);
      return result;
    });
  } catch (error& e) {
    if (detail::explain != nullptr) detail::explain(e, s.sql);
    throw;
  }
  take_result(code, s.sql);
  return rows_;
}

std::uint64_t spi::run(statement& s, std::initializer_list<parameter> parameters, bool read_only) {
  return execute(s, parameters, read_only ? snapshot::of_caller : snapshot::fresh);
}

std::uint64_t spi::run_on_latest(statement& s, std::initializer_list<parameter> parameters) {
  return execute(s, parameters, snapshot::latest);
}

std::uint64_t spi::run_by(statement& s, std::initializer_list<parameter> parameters, Snapshot registered) {
  return execute(s, parameters, snapshot::given, registered);
}

void spi::execute(const std::string& sql) {
  const char* text = sql.c_str();
  int code = 0;
  try {
    code = call([=] {
      const MemoryContext memory = CurrentMemoryContext;
      const int result = SPI_execute(text, false, 0);
      MemoryContextSwitchTo(memory);
      return result;
    });
  } catch (error& e) {
    if (detail::explain != nullptr) detail::explain(e, text);
    throw;
  }
  take_result(code, text);
}

row spi::at(std::uint64_t n) const {
  if (table_ == nullptr || n >= rows_)
    throw llm_admin::error(sqlstate::internal_error,
                           "a result of " + std::to_string(rows_) + " rows has no row " + std::to_string(n));
  return {table_->vals[n], table_->tupdesc};
}

subtransaction::subtransaction()
    : memory_(CurrentMemoryContext), owner_(CurrentResourceOwner), errors_before_(detail::server_errors) {
  const MemoryContext memory = memory_;
  call([=] {
    BeginInternalSubTransaction(nullptr);
    MemoryContextSwitchTo(memory);
  });
}

subtransaction::~subtransaction() {
  if (!open_) return;
  // The one unguarded call of the house, as in the server's own languages: a rollback that raises cannot be
  // gone on from, so the error goes to whoever is above this C++ frame and aborts all.
  RollbackAndReleaseCurrentSubTransaction();
  detail::server_errors = errors_before_;  // what they broke is rolled back
  MemoryContextSwitchTo(memory_);
  CurrentResourceOwner = owner_;
}

void subtransaction::release() {
  const MemoryContext memory = memory_;
  const ResourceOwner owner = owner_;
  call([=] {
    ReleaseCurrentSubTransaction();
    MemoryContextSwitchTo(memory);
    CurrentResourceOwner = owner;
  });
  open_ = false;
}

std::string quoted(std::string_view identifier) {
  const std::string copy(identifier);
  const char* text = copy.c_str();
  return call([=] { return quote_identifier(text); });
}

}  // namespace llm_admin::pg
