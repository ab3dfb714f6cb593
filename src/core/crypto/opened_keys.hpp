// A bounded cache of opened data keys: the sealing key of each and the uses in hand, by the data key's id, in
// one run of secret memory of 64 bytes a key.
//
// A set of ways: an id has a few slots side by side, chosen by its own bits (ids are random); the one used
// longest ago makes room. The memory doubles when half of it is used, up to `most` keys. Throws
// std::bad_alloc, and then holds what it held.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/crypto/envelope.hpp"
#include "core/crypto/primitives.hpp"
#include "core/encoding.hpp"
#include "core/secret_bytes.hpp"

namespace llm_admin::crypto {

class opened_keys {
 public:
  // How often its holder may still seal with the key before it asks for more, and how many it asks for next;
  // both 0 for a new one.
  struct allowance {
    std::int32_t left;
    std::int32_t next;
  };
  struct opened {  // valid until the next insert() or clear()
    byte_view sealing_key;
    allowance* uses;
  };

  // `most` is a power of two, and at least 64.
  explicit opened_keys(std::size_t most) : most_(most) {}

  std::optional<opened> find(const envelope::key_id& id) noexcept;
  // `sealing_key` is 32 bytes and lies elsewhere; an id that is there is replaced. Where it may not grow, the
  // key takes the place of another one.
  void insert(const envelope::key_id& id, byte_view sealing_key, bool may_grow = true);
  void clear() noexcept;  // cleansed, and the memory is given back
  std::size_t size() const noexcept { return size_; }

 private:
  struct slot {
    envelope::key_id id;
    std::uint8_t key[key_size];
    allowance uses;
    std::uint64_t used;  // when, by clock_; 0 for a free slot
  };
  static_assert(sizeof(slot) == 64);
  static constexpr std::size_t ways = 8;
  static constexpr std::size_t fewest = 64;

  slot* slots() noexcept { return reinterpret_cast<slot*>(memory_.data()); }
  std::size_t room() const noexcept { return memory_.size() / sizeof(slot); }
  slot* set_of(const envelope::key_id& id) noexcept;
  void grow();

  std::size_t most_;
  secret_bytes memory_;
  std::size_t size_ = 0;
  std::uint64_t clock_ = 0;
};

}  // namespace llm_admin::crypto
