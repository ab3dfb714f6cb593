// The rows of key_status() about data keys that do not open, or whose check value is damaged.
#include <cstring>
#include <map>
#include <string>

#include "core/crypto/wrap.hpp"
#include "core/given_name.hpp"
#include "core/keys/redact.hpp"
#include "core/secret_bytes.hpp"
#include "keys/status.hpp"
#include "pg/cursor.hpp"
#include "pg/scratch.hpp"
#include "store/entered_tenant.hpp"
#include "store/owner.hpp"
#include "store/root_keys.hpp"

namespace llm_admin::keys {

namespace {

constexpr int most_named = 5;

pg::statement all_keys{
    "SELECT k.key_id, k.tenant_id, k.version, k.root_id, k.wrapped_key, k.check_value "
    "FROM llm_admin.data_keys k WHERE $1 IS NULL OR k.tenant_id IS NULL OR k.tenant_id "
    "OPERATOR(pg_catalog.=) $1",
    {TEXTOID}};

// The root keys of the ring that are right, ready to unwrap; others have a row of their own.
class openers {
 public:
  explicit openers(const crypto::keyring& ring) : ring_(ring) {}

  // Null when all data keys of this root key fail together.
  crypto::wrapping_key* of(std::int32_t root_id) {
    const auto known = keys_.find(root_id);
    if (known != keys_.end()) return known->second ? &*known->second : nullptr;
    std::optional<crypto::wrapping_key>& made = keys_[root_id];
    const secret_bytes* root = ring_.find(root_id);
    if (root != nullptr && is_right(root_id, *root)) made.emplace(root->span());
    return made ? &*made : nullptr;
  }

 private:
  static bool is_right(std::int32_t root_id, const secret_bytes& root) {
    return store::root_keys::of_data_keys(root_id, root.span()) == store::root_keys::evidence::opens ||
           store::root_keys::matches(root_id, root);
  }

  const crypto::keyring& ring_;
  std::map<std::int32_t, std::optional<crypto::wrapping_key>> keys_;
};

class found_keys {
 public:
  void add(std::string_view tenant) {
    ++count_;
    if (!tenant.empty() && first_tenant_.empty()) first_tenant_ = tenant;
    if (count_ > most_named) return;
    owners_ += owners_.empty() ? "" : ", ";
    owners_ += tenant.empty() ? "the installation" : "tenant " + std::string(shortened(tenant, 200));
  }
  std::int64_t count() const noexcept { return count_; }
  const std::string& first_tenant() const noexcept { return first_tenant_; }
  std::string text() const {
    return std::to_string(count_) + ": " + owners_ +
           (count_ > most_named ? " and " + std::to_string(count_ - most_named) + " more" : "");
  }

 private:
  std::int64_t count_ = 0;
  std::string owners_, first_tenant_;
};

}  // namespace

void add_data_keys(status_rows& rows, const crypto::keyring* ring) {
  if (ring == nullptr) return;
  openers roots(*ring);
  found_keys closed, unchecked;
  std::int32_t root_of_unchecked = 0;
  {
    const store::as_owner owner;
    pg::cursor keys(all_keys, {pg::value(store::entered_tenant())});
    pg::scratch memory;
    while (const auto row = keys.next()) {
      memory.reset();
      crypto::wrapping_key* const root = roots.of(row->integer(4));
      if (root == nullptr) continue;
      envelope::key_id id;
      std::memcpy(id.data(), DatumGetUUIDP(row->raw(1, UUIDOID))->data, id.size());
      const std::string tenant = row->maybe_text(2).value_or(std::string());
      const auto plain = root->unwrap({id, tenant, row->integer(3), row->integer(4)},
                                      as_bytes(pg::text_of(row->raw(5, BYTEAOID))));
      if (!plain) {
        closed.add(tenant);
      } else if (crypto::check_value(plain->span(), "data") != row->text(6)) {
        unchecked.add(tenant);
        root_of_unchecked = row->integer(4);
      }
    }
  }
  if (closed.count() > 0)
    rows.add("data keys that do not open", closed.text(), verdict::error,
             "restore their rows of llm_admin.data_keys from a backup" +
                 (closed.first_tenant().empty()
                      ? std::string()
                      : ", or SELECT * FROM llm_admin.shred_tenant_keys(" +
                            sql_literal(closed.first_tenant(), "'<tenant>'") + ") and store the key again"));
  if (unchecked.count() > 0)
    rows.add("data keys with a damaged check value", unchecked.text(), verdict::warning,
             "SELECT * FROM llm_admin.rotate_root_key(" + std::to_string(root_of_unchecked) + ")");
}

}  // namespace llm_admin::keys
