// How often limits have denied whom (core/limits/denial_counts.hpp): of all sessions, in shared memory, where
// the library is loaded with the server; else of this session alone.
//
// A denied call writes no row, so this is all that is known of it. A roll-back takes nothing back, a restart
// of the server takes all. Sessions keep fewer entries than the shared memory does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/limits/denial_counts.hpp"
#include "core/limits/matcher.hpp"

namespace llm_admin::store {

void define_denials() noexcept;  // called by _PG_init

// Called where a call is turned away, and nowhere else: not for what is asked again.
void note_denial(const limits::met_limit& by, std::int64_t at);

struct denial {
  limits::uuid limit_id{};
  std::string tenant, subject;
  limits::denial_counts::sum sum;
};
struct denials {
  bool of_all_sessions = false;
  std::vector<denial> entries;  // of this database; by limit, tenant, subject
  // Of what has no entry; in shared memory of all databases.
  limits::denial_counts::sum other;
};
denials denials_now();

}  // namespace llm_admin::store
