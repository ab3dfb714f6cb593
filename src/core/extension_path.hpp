// Where PostgreSQL looks for the files of an extension, from 18 on: the setting extension_control_path.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace llm_admin {

// The folders that hold control files, in the order in which the server looks. `setting` is a list with
// colons between; each element stands for its folder `extension`, and $system for the server's own, which
// lies in `share`. An empty setting means that one alone. Nothing where the server would refuse the setting
// or its meaning is in doubt: empty or relative elements, other macros.
std::optional<std::vector<std::string>> extension_folders(std::string_view setting, std::string_view share);

}  // namespace llm_admin
