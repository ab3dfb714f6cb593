// How many secrets each data key has sealed, counted so that neither a rollback nor a crash forgets one: an
// envelope may leave the transaction before it ends.
//
// NIST SP 800-38D allows 2^32 random nonces a key; we stop at a quarter of that. The count stands in the
// key's own row (data_keys.uses). It is advanced in place, under the lock of the buffer, as the server
// advances a sequence: no new version of the row, nothing that a rollback takes back, and its WAL record is
// on the disk before a use of the block is made. Backends take blocks of uses, small ones first.
//
// Who changes rows of data_keys holds SHARE ROW EXCLUSIVE on it (a trigger sees to that for direct UPDATEs),
// who counts ROW EXCLUSIVE: so no new version with an older count is in the making meanwhile.
//
// Until 0.3 one sequence counted for all keys (key_use_blocks, blocks of 1,024): what it stood at since a key
// was made still counts for that key. A row that has no room for a count of its own, as it lies there since
// before the column was added, counts by its first_use_block, which goes down by one for 1,024 uses. Where
// there is no such column (SQL of 0.1 to 0.3) the sequence is advanced as it was.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/crypto/envelope.hpp"

namespace llm_admin::store::key_uses {

inline constexpr std::int64_t most = std::int64_t{1} << 30;
inline constexpr std::int64_t per_sequence_block = 1024;
// Below it no row's first_use_block gets; a row with less, or with a negative count, was edited or damaged
// and gives no more uses.
inline constexpr std::int64_t lowest_block = -(most / per_sequence_block);
inline constexpr std::int32_t first_block = 16;
inline constexpr std::int32_t largest_block = 1024;

// Whether rows hold the counts.
bool in_rows();

// Takes about `wanted` uses of a data key, durably; how many may be made, none when they are used up. LA031
// when there is no such key. For a key by the old sequence one at a time is given.
std::int32_t take(const envelope::key_id& id, std::int32_t wanted);

// What a new row starts from: first_use_block, after which nothing of the sequence counts for it.
std::int64_t block_of_new_key();

// The statement that gives the owner of a key, "" for the installation, a new one.
std::string rotate_statement(std::string_view tenant);
// 54000 that names the statement above.
[[noreturn]] void refuse(std::string_view tenant);

}  // namespace llm_admin::store::key_uses
