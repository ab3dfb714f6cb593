// What a vendor may echo of the keys that a call sent to it, taken out of its answer: the provider's own key, the
// tenant's and an account's, where they are named.
//
// Keys are opened when something of the answer is to be filtered at all, and not before. One that cannot be
// opened hides nothing. In errors whatever may be a key goes (core/keys/redact.hpp, scrub); in what is kept to
// go back to the vendor, and in parts, only the whole key, and only one of 16 bytes and more: shorter ones are
// words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/mapping/response/key_filter.hpp"
#include "core/secret_bytes.hpp"
#include "store/account.hpp"
#include "store/provider.hpp"
#include "store/tenant.hpp"

namespace llm_admin::store {

class echoes {
 public:
  // Keeps a reference to `row`.
  explicit echoes(const provider& row, std::optional<tenant> whose = std::nullopt,
                  std::optional<account> by = std::nullopt) noexcept
      : row_(row), whose_(std::move(whose)), by_(std::move(by)) {}
  echoes(const echoes&) = delete;
  echoes& operator=(const echoes&) = delete;

  mapping::key_filter filter();  // valid as long as this

 private:
  void open();
  bool take_out(mapping::vendor_text what, std::string_view text, std::string& without);

  const provider& row_;
  std::optional<tenant> whose_;
  std::optional<account> by_;
  std::optional<secret_bytes> keys_[3];
  bool opened_ = false;
};

}  // namespace llm_admin::store
