// What the file name of a migration script says: llm_admin--0.1.sql installs, llm_admin--0.1--0.2.sql goes
// up, llm_admin--0.2--0.1.sql goes down (the server's own naming). Versions are numbers joined by dots.
#pragma once

#include <string>
#include <string_view>

namespace llm_admin {

struct script_name {
  std::string version;    // that the script leads to
  std::string newest;     // of the versions it names: the library must know it
  const char* direction;  // install, up or down
};

// Error 22023 for any other name, which also keeps folders out of it.
script_name parse_script_name(std::string_view name);

// Below, at or above zero, component by component; a missing component counts as 0. Both are valid versions.
int compare_versions(std::string_view left, std::string_view right) noexcept;

}  // namespace llm_admin
