// verify_keys: opens every stored key, or a random sample, and counts the outcomes. Reveals and changes
// nothing.
#include <set>

#include "core/crypto/envelope.hpp"
#include "core/error.hpp"
#include "core/keys/stored_key.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/settings.hpp"
#include "store/all_keys.hpp"
#include "store/data_keys.hpp"
#include "store/sealing.hpp"

using namespace llm_admin;

namespace {

struct counts {
  std::int64_t ok = 0;
  std::int64_t wrong_key = 0;
  std::int64_t tampered = 0;
  std::int64_t opaque = 0;
};

class verifier {
 public:
  void check(const store::stored_secret& secret) {
    switch (classify(secret.text, pg::settings::foreign_schemes(), pg::settings::allow_stub_keys())) {
      case stored_key::none:
        return;
      case stored_key::foreign:
      case stored_key::openpgp:
        ++found_.opaque;
        return;
      case stored_key::bound_envelope:
        if (secret.place)
          open(*secret.place, secret.text);
        else
          ++found_.wrong_key;  // a tenant's, of a provider that is not here: it cannot be tried
        return;
      case stored_key::unbound_envelope:  // only a load leaves one: it is bound to no row, so it opens for
                                          // nobody
      case stored_key::refused:           // a raw key, a cut envelope, or anything else
        ++found_.tampered;
        return;
    }
  }
  const counts& found() const { return found_; }

 private:
  // The envelope says which data key sealed it, and that one's row which root key wraps it: so what cannot
  // open is not tried, and the keyring is asked once for each root key that it lacks.
  void open(const store::key_place& place, std::string_view stored) {
    const auto sealed = envelope::parse(stored);
    const auto root = sealed ? store::data_keys::root_of(sealed->key_id) : std::nullopt;
    if (!root || locked_roots_.contains(*root)) {
      ++found_.wrong_key;
      return;
    }
    try {
      (void)store::open_at(place, stored);
      ++found_.ok;
    } catch (const error& e) {
      const std::string_view state = e.sqlstate();
      if (e.is_fault()) throw;
      if (state == sqlstate::keyring) {
        ++found_.wrong_key;
        locked_roots_.insert(*root);
      } else if (state == sqlstate::envelope_rejected) {
        ++found_.tampered;
      } else {
        throw;
      }
    }
  }

  counts found_;
  std::set<std::int32_t> locked_roots_;  // those that the keyring lacks or has another key for
};

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_verify_keys)(FunctionCallInfo fcinfo) {
  const auto sample = pg::args(fcinfo).integer(0);
  if (sample && *sample < 1)
    throw error(sqlstate::invalid_parameter, "sample must be at least 1", "",
                "SELECT * FROM llm_admin.verify_keys(100), or verify_keys() for all");
  verifier verify;
  const std::optional<std::int64_t> limit = sample;
  store::each_stored_key(limit, [&](const store::stored_secret& secret) { verify.check(secret); });
  const counts& found = verify.found();
  pg::row_builder row;
  row.add_bigint(found.ok).add_bigint(found.wrong_key).add_bigint(found.tampered).add_bigint(found.opaque);
  return pg::make_row(fcinfo, row);
}
