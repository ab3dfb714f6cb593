#include "pg/snapshot.hpp"

namespace llm_admin::pg {

void snapshot::take() {
  errors_before_ = detail::server_errors;
  taken_ = call([] {
    CommandCounterIncrement();
    return RegisterSnapshot(GetLatestSnapshot());
  });
}

snapshot::~snapshot() {
  if (taken_ != nullptr && detail::server_errors == errors_before_) UnregisterSnapshot(taken_);
}

std::uint64_t snapshot::run(spi& sql, statement& s, std::initializer_list<parameter> parameters) const {
  return sql.run_by(s, parameters, taken_);
}

}  // namespace llm_admin::pg
