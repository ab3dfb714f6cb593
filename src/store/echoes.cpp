#include "store/echoes.hpp"

#include <string>
#include <utility>

#include "core/error.hpp"
#include "core/keys/redact.hpp"
#include "store/alias.hpp"
#include "store/provider_key.hpp"
#include "store/tenant_key.hpp"

namespace llm_admin::store {

namespace {

constexpr std::size_t least_whole_key = 16;

// Nothing where there is no key that could be opened.
template <typename opener>
std::optional<secret_bytes> opened(opener open) {
  try {
    return open();
  } catch (const llm_admin::error& refused) {
    if (refused.is_fault()) throw;
    return std::nullopt;
  }
}

bool replace_whole(std::string& text, std::string_view key) {
  if (key.size() < least_whole_key) return false;
  bool found = false;
  for (std::size_t at = text.find(key); at != std::string::npos; at = text.find(key, at)) {
    text.replace(at, key.size(), "***");
    found = true;
  }
  return found;
}

}  // namespace

mapping::key_filter echoes::filter() {
  return [this](mapping::vendor_text what, std::string_view text, std::string& without) {
    return take_out(what, text, without);
  };
}

void echoes::open() {
  if (std::exchange(opened_, true)) return;
  if (row_.text(provider_column::auth_scheme) != "none") keys_[0] = opened([&] { return key_of(row_); });
  if (by_ && !by_->stored_key.empty()) keys_[2] = opened([&] { return key_of(*by_, row_); });
  if (!whose_) return;
  keys_[1] =
      opened([&] { return key_of(*whose_, require_named_provider(whose_->text(tenant_column::provider))); });
}

bool echoes::take_out(mapping::vendor_text what, std::string_view text, std::string& without) {
  open();
  bool found = false;
  for (const std::optional<secret_bytes>& key : keys_) {
    if (!key || key->text().empty()) continue;
    if (what != mapping::vendor_text::error) {
      if (!found && text.find(key->text()) == std::string_view::npos) continue;
      if (!found) without.assign(text);
      found |= replace_whole(without, key->text());
      continue;
    }
    std::string scrubbed = scrub(found ? without : std::string(text), key->text());
    if (scrubbed == (found ? std::string_view(without) : text)) continue;
    without = std::move(scrubbed);
    found = true;
  }
  return found;
}

}  // namespace llm_admin::store
