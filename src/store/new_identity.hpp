// Data keys that take the place of all that there are: another identity for this installation.
//
// The installation is known by the uuid of its first data key, which is part of the binding of every sealed
// secret. The new keys are stored beside the old ones, all with one version above every other, and wrapped
// for version 1; take_over() deletes the old ones and gives the new ones that version. Until then nothing but
// seal() uses them: the key cache opens by the old ones, as before.
//
// Under data_keys::lock_for_change() throughout, and one transaction: rolled back, nothing of it was there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/crypto/aead.hpp"
#include "core/crypto/envelope.hpp"
#include "core/secret_bytes.hpp"
#include "store/sealing.hpp"

namespace llm_admin::store {

class new_identity {
 public:
  // Makes the installation's data key under the active root key, with `platform_keys` uses of it counted: as
  // many secrets of providers and accounts may be sealed. LA030 when the keyring does not hold the root key.
  explicit new_identity(std::int64_t platform_keys);

  const envelope::key_id& installation() const noexcept { return installation_; }
  // A provider's or account's secret under the installation's new key, a tenant's under one that is made for this one use:
  // a tenant has one secret.
  std::string seal(const key_place& place, byte_view plaintext);
  // Data keys made so far.
  std::int64_t made() const noexcept { return made_; }
  // The new ones become the only ones; how many old ones went. Every session forgets those with the commit.
  std::int64_t take_over();

 private:
  // Stores a new data key and returns it.
  secret_bytes make(std::string_view tenant, std::int64_t uses, envelope::key_id& id);

  std::int32_t root_id_;
  secret_bytes root_;
  std::int32_t version_;  // of the new rows, until they take over
  std::int64_t made_ = 0;
  envelope::key_id installation_{};
  crypto::aead_key sealing_;  // of the installation
};

}  // namespace llm_admin::store
