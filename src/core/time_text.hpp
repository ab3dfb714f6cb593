// Points in time as JSON knows them.
#pragma once

#include <cstdint>
#include <string>

namespace llm_admin {

// ISO 8601 in UTC with milliseconds, as ECMAScript's toISOString() writes it for the years 0 to 9999:
// "2026-02-19T08:15:30.120Z". `microseconds` count from 2000-01-01T00:00:00Z, the server's epoch. Days to
// calendar dates by the proleptic Gregorian calendar, in 400-year eras that begin in March.
std::string iso_utc(std::int64_t microseconds);

}  // namespace llm_admin
