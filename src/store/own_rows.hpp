// Whether what a cache holds may have come from rows that this transaction itself made.
//
// Such rows are not there for the next transaction until this one has committed: a rollback, of the whole or
// of the savepoint that made them, takes them away, and a prepared transaction takes them along, to a fate
// that is told to nobody. A cache that learns from rows asks each row's xmin, and forgets when told so.
#pragma once

#include "pg/guard.hpp"
#include "store/tables.hpp"

namespace llm_admin::store {

class own_rows {
 public:
  // A row of this transaction's was learnt from, if `xmin` is one of its ids.
  void learnt_from(TransactionId xmin) {
    if (pg::call([=] { return TransactionIdIsCurrentTransactionId(xmin); })) note();
  }
  // The same for a row that the caller has just made.
  void note() {
    if (noted_ && transaction_ == pg::compat::local_transaction()) return;
    noted_ = true;
    transaction_ = pg::compat::local_transaction();
    aborts_ = abort_count();
  }
  // Whether what was learnt may be gone; asked before each use of the cache, which then forgets everything.
  bool gone() noexcept {
    if (!noted_) return false;
    if (aborts_ != abort_count()) {
      noted_ = false;
      return true;
    }
    if (transaction_ != pg::compat::local_transaction()) noted_ = false;  // it has committed
    return false;
  }

 private:
  bool noted_ = false;
  LocalTransactionId transaction_ = InvalidLocalTransactionId;
  std::uint64_t aborts_ = 0;
};

}  // namespace llm_admin::store
