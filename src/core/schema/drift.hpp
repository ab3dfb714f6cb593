// What of an installation is not as this version made it, object by object, with the statement that mends it.
//
// Compared by kind and name. What is missing is looked for among the extension's members that are nobody's:
// moved into another schema, or renamed. What hangs on a table that is missing is told by the table alone.
// What is there besides is judged by core/schema/others.hpp. What a stranger owns under the name of
// something of ours, and is no member, is not taken for it: its statement gives it another name. Nothing here
// fails but for memory.
#pragma once

#include <string>
#include <vector>

#include "core/schema/reference.hpp"

namespace llm_admin::schema {

struct finding {
  std::string kind;
  std::string object;
  std::string verdict;  // error or yours
  std::string detail;
  std::string statement;  // empty: nothing that runs by itself mends it
  // Of something that a stranger owns, and may have made to run what they like: its name, and the role.
  std::string thing{};
  std::string stranger{};
};

// `schema` is the schema's name as it is now, quoted: llm_admin unless it was renamed. Findings come in the
// order of the reference, what is the user's last.
std::vector<finding> compare(const std::vector<expected>& reference, const std::vector<object>& found);

// The statements that turn `found` into `wanted`, and those that make it where it is missing, a member of the
// extension without grants; empty where none does.
std::string mending(const expected& wanted, const object& found);
std::string making(const expected& wanted);

}  // namespace llm_admin::schema
