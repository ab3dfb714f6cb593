#include "pg/spi.hpp"

#include "core/error.hpp"

extern "C" {
#include "utils/resowner.h"
}

namespace llm_admin::pg {

namespace {

// Parameters in the server's form. Text is copied into the current context, inside the guarded call.
struct bound {
  Datum values[statement::most_parameters];
  char nulls[statement::most_parameters];
};

void bind(bound& b, const parameter* parameters, int count) {
  for (int i = 0; i < count; ++i) {
    const parameter& p = parameters[i];
    b.nulls[i] = p.is_null ? 'n' : ' ';
    b.values[i] = p.is_text && !p.is_null ? PointerGetDatum(cstring_to_text_with_len(
                                                p.characters.data(), static_cast<int>(p.characters.size())))
                                          : p.value;
  }
}

}  // namespace

bool row::is_null(int column) const {
  const HeapTuple tuple = tuple_;
  const TupleDesc desc = desc_;
  return call([=] { return heap_attisnull(tuple, column, desc); });
}

Datum row::raw(int column) const {
  const HeapTuple tuple = tuple_;
  const TupleDesc desc = desc_;
  bool null = false;
  const Datum value = call([&] { return heap_getattr(tuple, column, desc, &null); });
  if (null) throw llm_admin::error(sqlstate::internal_error, "unexpected null in a result column");
  return value;
}

spi::spi() : unwinding_(std::uncaught_exceptions()) {
  call([] {
    const MemoryContext memory = CurrentMemoryContext;
    if (SPI_connect() != SPI_OK_CONNECT) elog(ERROR, "SPI_connect failed");
    MemoryContextSwitchTo(memory);  // what callers build belongs to them, not to the connection
  });
}

spi::~spi() {
  if (std::uncaught_exceptions() > unwinding_) return;
  SPI_finish();  // frees and switches contexts only; raises nothing for a connected caller
}

void spi::prepare(statement& s) {
  if (s.plan != nullptr) return;
  call([&] {
    const MemoryContext memory = CurrentMemoryContext;
    SPIPlanPtr plan = SPI_prepare(s.sql, s.count, s.types);
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

std::uint64_t spi::run(statement& s, std::initializer_list<parameter> parameters, bool read_only) {
  prepare(s);
  bound b;
  const parameter* first = parameters.begin();
  const int count = static_cast<int>(parameters.size());
  const int code = call([&] {
    const MemoryContext memory = CurrentMemoryContext;
    bind(b, first, count);
    const int result = SPI_execute_plan(s.plan, b.values, b.nulls, read_only, 0);
    MemoryContextSwitchTo(memory);
    return result;
  });
  take_result(code, s.sql);
  return rows_;
}

std::uint64_t spi::run_on_latest(statement& s, std::initializer_list<parameter> parameters) {
  prepare(s);
  bound b;
  const parameter* first = parameters.begin();
  const int count = static_cast<int>(parameters.size());
  const int code = call([&] {
    const MemoryContext memory = CurrentMemoryContext;
    bind(b, first, count);
    CommandCounterIncrement();  // so that the caller's own changes are seen
    Snapshot newest = RegisterSnapshot(GetLatestSnapshot());
    Snapshot crosscheck =
        IsolationUsesXactSnapshot() ? RegisterSnapshot(GetTransactionSnapshot()) : InvalidSnapshot;
    const int result = SPI_execute_snapshot(s.plan, b.values, b.nulls, newest, crosscheck, false, true, 0);
    if (crosscheck != InvalidSnapshot) UnregisterSnapshot(crosscheck);
    UnregisterSnapshot(newest);
    MemoryContextSwitchTo(memory);
    return result;
  });
  take_result(code, s.sql);
  return rows_;
}

void spi::execute(const std::string& sql) {
  const char* text = sql.c_str();
  const int code = call([=] {
    const MemoryContext memory = CurrentMemoryContext;
    const int result = SPI_execute(text, false, 0);
    MemoryContextSwitchTo(memory);
    return result;
  });
  take_result(code, text);
}

row spi::at(std::uint64_t n) const { return {table_->vals[n], table_->tupdesc}; }

subtransaction::subtransaction() : memory_(CurrentMemoryContext), owner_(CurrentResourceOwner) {
  const MemoryContext memory = memory_;
  call([=] {
    BeginInternalSubTransaction(nullptr);
    MemoryContextSwitchTo(memory);
  });
}

subtransaction::~subtransaction() {
  if (!open_) return;
  // Rolling back may not raise; were it to, the server ends the session itself.
  RollbackAndReleaseCurrentSubTransaction();
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
