// How often which limit has denied whom: counts in memory of a fixed size, which may be shared by processes.
//
// The memory holds a head and entries in buckets of bucket_entries; a key has its place in one bucket. Where
// that is full, the entry that was denied longest ago makes room and its count goes to `other`, as does one
// whose names are too long for an entry: the sum of all is exact. Whoever shares the memory holds a lock
// around every call. Nothing here allocates or throws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/limits/limit.hpp"

namespace llm_admin::limits {

struct denial_key {
  std::uint32_t database = 0;
  uuid limit_id{};
  std::string_view tenant, subject;

  std::uint64_t hash() const noexcept;
};

class denial_entry {
 public:
  static constexpr std::size_t most_names = 208;  // bytes of tenant and subject together

  bool is_free() const noexcept { return denied == 0; }
  static bool fits(const denial_key& key) noexcept {
    return key.tenant.size() <= most_names && key.subject.size() <= most_names - key.tenant.size();
  }
  bool is(const denial_key& key) const noexcept;
  std::string_view tenant() const noexcept { return {names_, tenant_size_}; }
  std::string_view subject() const noexcept { return {names_ + tenant_size_, subject_size_}; }
  void begin(const denial_key& key, std::int64_t at) noexcept;  // whose names fit

  std::int64_t denied = 0;
  std::int64_t first_at = 0, last_at = 0;
  uuid limit_id{};
  std::uint32_t database = 0;

 private:
  std::uint16_t tenant_size_ = 0, subject_size_ = 0;
  char names_[most_names] = {};
};

class denial_counts {
 public:
  static constexpr std::size_t bucket_entries = 8;
  // Bytes of memory for so many buckets, aligned as std::max_align_t.
  static constexpr std::size_t bytes(std::size_t buckets) noexcept {
    return sizeof(denial_counts) + buckets * bucket_entries * sizeof(denial_entry);
  }
  // Begins empty in memory of bytes(buckets).
  static denial_counts* prepare(void* memory, std::size_t buckets) noexcept;

  void note(const denial_key& key, std::int64_t at) noexcept;

  std::size_t size() const noexcept { return buckets_ * bucket_entries; }
  const denial_entry& entry(std::size_t n) const noexcept { return entries()[n]; }
  struct sum {
    std::int64_t denied = 0;
    std::int64_t first_at = 0, last_at = 0;  // where anything was denied
  };
  const sum& other() const noexcept { return other_; }

 private:
  explicit denial_counts(std::size_t buckets) noexcept : buckets_(buckets) {}
  denial_entry* entries() noexcept { return reinterpret_cast<denial_entry*>(this + 1); }
  const denial_entry* entries() const noexcept { return reinterpret_cast<const denial_entry*>(this + 1); }
  void add_to_other(std::int64_t denied, std::int64_t first_at, std::int64_t last_at) noexcept;

  std::size_t buckets_;
  sum other_;
};

}  // namespace llm_admin::limits
