// Root keys by id, from the text of a keyring: one `id:key[:active]` a line.
//
//   # root keys of this installation
//   1:<64 hex digits>
//   2:<64 hex digits>:active
//
// id is 1..2147483647 without sign or leading zero; blank lines and lines that begin with '#' are skipped,
// blanks around a line and a CR before its end are ignored. At most 1 MB (1048576 bytes) and 10000 lines.
// Every fault is error{LA030} whose DETAIL names the line and the fault and never quotes the line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/secret_bytes.hpp"

namespace llm_admin::crypto {

inline constexpr std::size_t max_keyring_bytes = 1048576;
inline constexpr std::size_t max_keyring_lines = 10000;

// Owns its keys; move-only. A default-constructed ring is empty, a parsed one has at least one key.
class keyring {
 public:
  static keyring parse(std::string_view text);
  keyring copy() const;  // with keys of its own

  const secret_bytes* find(std::int32_t id) const noexcept;  // null when there is none; 32 bytes; ours
  std::vector<std::int32_t> ids() const;                     // ascending
  std::size_t size() const noexcept { return keys_.size(); }
  bool empty() const noexcept { return keys_.empty(); }

  std::optional<std::int32_t> marked_active() const noexcept { return marked_; }
  // The marked one, else the highest id: what the very first use takes. 0 for an empty ring.
  std::int32_t first_active() const noexcept;

 private:
  struct entry {
    std::int32_t id;
    std::size_t line;
    secret_bytes key;
  };
  std::vector<entry> keys_;  // ascending by id
  std::optional<std::int32_t> marked_;
};

}  // namespace llm_admin::crypto
