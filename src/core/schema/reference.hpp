// What an installation of this version holds, from src/shipped/catalog.tsv: one line an object, with the
// statement that makes it. Made by scripts/make-catalog from fresh installs.
//
// Fields, separated by tabs: majors of the server ("15,17,18"), kind, name, table, identifier, definition,
// statement; \t, \n and \\ stand for those characters. Of several lines for one object and major each counts
// as right: servers spell some definitions differently.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/schema/object.hpp"

namespace llm_admin::schema {

struct expected {
  object is;
  std::string statement;                // makes it where it is missing
  std::vector<std::string> also_right;  // other spellings of its definition
};

// The objects of one server's major version, in the order of the text; empty for a major without lines.
// Throws llm_admin::error (internal_error) for a line that has not seven fields.
std::vector<expected> reference(std::string_view text, int major);

// One line of that text, with its newline.
std::string reference_line(std::string_view majors, const object& is, std::string_view statement);

}  // namespace llm_admin::schema
