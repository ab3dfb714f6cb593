// Every SQLSTATE this extension raises itself, in one table; docs/errors.md is checked against it.
// Class LA is our own; the others are the server's codes, used with the server's meaning.
#pragma once

namespace llm_admin {

using sqlstate_t = const char*;  // five characters, static storage

namespace sqlstate {
inline constexpr sqlstate_t config_invalid = "LA001";     // provider config invalid
inline constexpr sqlstate_t request_invalid = "LA002";    // request parameters invalid
inline constexpr sqlstate_t not_extractable = "LA003";    // response holds nothing that the rules find
inline constexpr sqlstate_t call_unknown = "LA004";       // call unknown, or answered already
inline constexpr sqlstate_t move_not_allowed = "LA005";   // no such move between two states
inline constexpr sqlstate_t request_differs = "LA006";    // the same key, and another request
inline constexpr sqlstate_t limit_reached = "LA010";      // a limit is reached
inline constexpr sqlstate_t not_allowed = "LA011";        // the caller's key, tier or model does not allow it
inline constexpr sqlstate_t cannot_tell = "LA012";        // whether a limit is reached cannot be told now
inline constexpr sqlstate_t append_only = "LA020";        // history is append-only
inline constexpr sqlstate_t keyring = "LA030";            // keyring missing or wrong
inline constexpr sqlstate_t envelope_rejected = "LA031";  // wrong key, tampered, truncated, moved: one text
inline constexpr sqlstate_t would_lose_data = "LA040";    // refused because user rows would go

inline constexpr sqlstate_t invalid_parameter = "22023";       // invalid_parameter_value
inline constexpr sqlstate_t null_not_allowed = "22004";        // null_value_not_allowed
inline constexpr sqlstate_t not_null_violation = "23502";      // not_null_violation
inline constexpr sqlstate_t unique_violation = "23505";        // unique_violation
inline constexpr sqlstate_t check_violation = "23514";         // check_violation
inline constexpr sqlstate_t undefined_object = "42704";        // undefined_object
inline constexpr sqlstate_t insufficient_privilege = "42501";  // insufficient_privilege
inline constexpr sqlstate_t object_in_use = "55006";           // object_in_use
inline constexpr sqlstate_t not_in_state = "55000";            // object_not_in_prerequisite_state
inline constexpr sqlstate_t serialization_failure = "40001";   // serialization_failure
inline constexpr sqlstate_t active_transaction = "25001";      // active_sql_transaction
inline constexpr sqlstate_t read_only = "25006";               // read_only_sql_transaction
inline constexpr sqlstate_t program_limit = "54000";           // program_limit_exceeded
inline constexpr sqlstate_t out_of_memory = "53200";           // out_of_memory
inline constexpr sqlstate_t feature_not_supported = "0A000";   // feature_not_supported
inline constexpr sqlstate_t internal_error = "XX000";          // internal_error
}  // namespace sqlstate

}  // namespace llm_admin
