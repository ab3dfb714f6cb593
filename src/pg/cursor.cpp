#include "pg/cursor.hpp"

namespace llm_admin::pg {

namespace {

// Rows in order come by an index where there is one, instead of being sorted first.
constexpr int read_in_order = CURSOR_OPT_NO_SCROLL | CURSOR_OPT_FAST_PLAN;

// Inside a guarded call.
Portal open(const statement& s, const parameter* parameters, bool latest) {
  SPIPlanPtr plan = SPI_prepare_cursor(s.sql, s.count, const_cast<Oid*>(s.types), read_in_order);
  if (plan == nullptr) elog(ERROR, "SPI_prepare_cursor failed: %s", SPI_result_code_string(SPI_result));
  detail::bound given;
  given.bind(parameters, s.count);
  if (latest) {
    CommandCounterIncrement();  // so that the caller's own changes are seen
    PushActiveSnapshot(GetLatestSnapshot());
  }
  Portal portal =
      SPI_cursor_open(nullptr, plan, given.values, given.nulls, true);  // copies values, keeps the snapshot
  if (latest) PopActiveSnapshot();
  SPI_freeplan(plan);  // the portal has a copy
  if (portal == nullptr) elog(ERROR, "SPI_cursor_open failed: %s", SPI_result_code_string(SPI_result));
  return portal;
}

}  // namespace

cursor::cursor(const statement& s, std::initializer_list<parameter> parameters, as_of when, spi* shared)
    : errors_before_(detail::server_errors) {
  const parameter* first = parameters.begin();
  detail::check(s, first, static_cast<int>(parameters.size()));
  if (shared == nullptr) own_.emplace();
  try {
    portal_ = call([&s, first, when] {
      const MemoryContext memory = CurrentMemoryContext;
      Portal portal = open(s, first, when == as_of::latest && !IsInParallelMode());
      MemoryContextSwitchTo(memory);
      return portal;
    });
  } catch (error& e) {
    if (detail::explain != nullptr) detail::explain(e, s.sql);
    throw;
  }
}

// Ending a scan releases buffers and memory and raises nothing; were it to, the error would pass as the
// server's own do, and leave behind what C++ objects on its way hold.
cursor::~cursor() {
  if (portal_ == nullptr || detail::server_errors != errors_before_) return;
  if (table_ != nullptr) SPI_freetuptable(table_);
  SPI_cursor_close(portal_);
}

bool cursor::fetch() {
  const Portal portal = portal_;
  SPITupleTable* const before = table_;
  table_ = nullptr;
  table_ = call([=] {
    const MemoryContext memory = CurrentMemoryContext;
    if (before != nullptr) SPI_freetuptable(before);
    SPI_cursor_fetch(portal, true, batch);
    MemoryContextSwitchTo(memory);
    return SPI_tuptable;
  });
  at_ = 0;
  rows_ = table_ != nullptr ? table_->numvals : 0;
  return rows_ > 0;
}

void cursor::close() {
  const Portal portal = portal_;
  SPITupleTable* const last = table_;
  portal_ = nullptr;
  table_ = nullptr;
  call([=] {
    const MemoryContext memory = CurrentMemoryContext;
    if (last != nullptr) SPI_freetuptable(last);
    SPI_cursor_close(portal);
    MemoryContextSwitchTo(memory);
  });
}

std::optional<row> cursor::next() {
  if (portal_ == nullptr) return std::nullopt;
  call([] { CHECK_FOR_INTERRUPTS(); });
  if (at_ == rows_ && !fetch()) {
    close();
    return std::nullopt;
  }
  return row(table_->vals[at_++], table_->tupdesc);
}

}  // namespace llm_admin::pg
