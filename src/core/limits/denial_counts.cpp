#include "core/limits/denial_counts.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <type_traits>

namespace llm_admin::limits {

static_assert(std::is_trivially_copyable_v<denial_counts> && std::is_trivially_copyable_v<denial_entry>);
static_assert(sizeof(denial_counts) % alignof(denial_entry) == 0);

namespace {

// FNV-1a.
std::uint64_t mixed(std::uint64_t hash, const void* bytes, std::size_t size) noexcept {
  constexpr std::uint64_t prime = 1099511628211U;
  const auto* at = static_cast<const unsigned char*>(bytes);
  for (std::size_t n = 0; n < size; ++n) hash = (hash ^ at[n]) * prime;
  return hash;
}

}  // namespace

std::uint64_t denial_key::hash() const noexcept {
  std::uint64_t hash = 14695981039346656037U;
  hash = mixed(hash, &database, sizeof database);
  hash = mixed(hash, limit_id.data(), limit_id.size());
  hash = mixed(hash, tenant.data(), tenant.size());
  hash = mixed(hash, "", 1);
  hash = mixed(hash, subject.data(), subject.size());
  return hash ^ (hash >> 32);
}

bool denial_entry::is(const denial_key& key) const noexcept {
  return !is_free() && database == key.database && limit_id == key.limit_id && tenant() == key.tenant &&
         subject() == key.subject;
}

void denial_entry::begin(const denial_key& key, std::int64_t at) noexcept {
  denied = 0;
  first_at = last_at = at;
  limit_id = key.limit_id;
  database = key.database;
  tenant_size_ = static_cast<std::uint16_t>(key.tenant.size());
  subject_size_ = static_cast<std::uint16_t>(key.subject.size());
  std::copy(key.tenant.begin(), key.tenant.end(), names_);
  std::copy(key.subject.begin(), key.subject.end(), names_ + tenant_size_);
}

denial_counts* denial_counts::prepare(void* memory, std::size_t buckets) noexcept {
  auto* made = new (memory) denial_counts(buckets);
  for (std::size_t n = 0; n < made->size(); ++n) new (made->entries() + n) denial_entry();
  return made;
}

void denial_counts::add_to_other(std::int64_t denied, std::int64_t first_at, std::int64_t last_at) noexcept {
  other_.first_at = other_.denied == 0 ? first_at : std::min(other_.first_at, first_at);
  other_.last_at = other_.denied == 0 ? last_at : std::max(other_.last_at, last_at);
  other_.denied += denied;
}

void denial_counts::note(const denial_key& key, std::int64_t at) noexcept {
  if (buckets_ == 0 || !denial_entry::fits(key)) return add_to_other(1, at, at);
  denial_entry* const bucket = entries() + key.hash() % buckets_ * bucket_entries;
  denial_entry* place = bucket;
  for (std::size_t n = 0; n < bucket_entries; ++n) {
    denial_entry& one = bucket[n];
    if (one.is(key)) {
      ++one.denied;
      one.last_at = std::max(one.last_at, at);
      return;
    }
    if (!place->is_free() && (one.is_free() || one.last_at < place->last_at)) place = &one;
  }
  if (!place->is_free()) add_to_other(place->denied, place->first_at, place->last_at);
  place->begin(key, at);
  place->denied = 1;
}

}  // namespace llm_admin::limits
