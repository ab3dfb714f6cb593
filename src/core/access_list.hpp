// Who may do what: the one list behind grant_access(), as it is documented in docs/security.md.
//
// Whatever is not named here belongs to the owner alone: data_keys, decrypt_key (granted by hand, to whom it
// must be), the access functions themselves, the ledger's and the trigger functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace llm_admin::roles {

// Bits, so that one entry may stand for several levels. None implies another.
using levels = std::uint8_t;
inline constexpr levels app = 1;         // resolve, build with key, extract, record
inline constexpr levels operations = 2;  // "operator": providers and keys, write-only
inline constexpr levels security = 4;    // verify and (later) rotate keys; cannot decrypt
inline constexpr levels auditor = 8;     // history, settings, ledger
inline constexpr levels sender = 16;     // redeems tickets for the headers of calls, and nothing else
inline constexpr levels every_level = app | operations | security | auditor;

// The level of that name, or nothing.
std::optional<levels> level_named(std::string_view name) noexcept;
// For HINTs: all names, as a list.
inline constexpr std::string_view level_names = "app, operator, security, auditor, sender";

// EXECUTE on the one function of this name.
struct function_right {
  const char* name;
  levels to;
};

// Privileges on a table, view or sequence. With `except`, they are granted on every column but those it lists.
struct relation_right {
  const char* name;
  const char* privileges;
  const char* except;  // columns, as a list; null: the whole relation
  levels to;

  bool leaves_out(std::string_view column) const noexcept;
};

std::span<const function_right> function_rights() noexcept;
std::span<const relation_right> relation_rights() noexcept;

}  // namespace llm_admin::roles
