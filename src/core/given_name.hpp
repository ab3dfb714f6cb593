// What a caller gave, in a message about it. Arguments are exchanged by mistake, and then a key stands where
// a name belongs, so that a message, which goes to the server's log, must not repeat whatever was given.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/json/view.hpp"

namespace llm_admin {

// `given` itself where it has the form of a name ([a-z0-9_]+, at most 24 characters) or is near one of
// `known` (core/similar.hpp), else "(a text of 48 characters)". For every text of a caller's that stands in
// an error, a warning or a log line; what the database holds is named as it is. Throws std::bad_alloc only.
std::string named_or_length(std::string_view given, std::span<const std::string_view> known = {});

// The same in quotes: "name", but (a text of 48 characters).
std::string quoted_or_length(std::string_view given, std::span<const std::string_view> known = {});

// What a definition names itself, a member, a path, a hole: in quotes as it is up to 16 bytes, which no key
// worth the name has, and up to 24 where it is a name or nothing but letters, '-' and '_'; of others as
// above.
std::string quoted_member(std::string_view given, std::span<const std::string_view> known = {});
// The same without the quotes.
std::string member_named(std::string_view given);

// The JSON pointer up to its first token that member_named() would not tell: it leads to what holds that one.
// Tokens below "/headers" are header names.
std::string nameable(std::string pointer);

// The name of a header: letters and '-' up to 40 characters as they are, others as above.
std::string header_named(std::string_view name);

// A JSON value in the place of another kind: as it is up to 16 bytes, which no key worth the name has; of
// longer texts as above, of numbers 40 digits, of arrays and objects how many there are.
std::string value_or_size(const json::node& value);

// The id of a tenant, which may be any text: of one that is `stored` the id, cut at 200 bytes; of others as
// above.
std::string tenant_named(std::string_view id, bool stored);

// `text` as a literal of SQL, for statements in hints: quotes doubled, and E'' where it holds a backslash. Of
// more than 200 bytes, or with control characters, it is `otherwise`, as it stands: '<provider>', say.
std::string sql_literal(std::string_view text, std::string_view otherwise);
// The literal of a tenant's id for hints, '<tenant>' where it must not be told or is too long.
std::string tenant_literal(std::string_view id, bool stored);

}  // namespace llm_admin
