#include "core/extension_path.hpp"

namespace llm_admin {

namespace {

constexpr std::string_view system_macro = "$system";

}  // namespace

std::optional<std::vector<std::string>> extension_folders(std::string_view setting, std::string_view share) {
  if (setting.empty()) setting = system_macro;
  std::vector<std::string> folders;
  for (;;) {
    const std::size_t colon = setting.find(':');
    const std::string_view element = setting.substr(0, colon);
    std::string folder;
    if (element.starts_with('$')) {
      // The macro ends the element or a folder name.
      if (!element.starts_with(system_macro)) return std::nullopt;
      const std::string_view rest = element.substr(system_macro.size());
      if (!rest.empty() && rest[0] != '/') return std::nullopt;
      folder = std::string(share) + std::string(rest);
    } else if (element.starts_with('/')) {
      folder = element;
    } else {
      return std::nullopt;
    }
    while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
    folders.push_back(folder + "/extension");
    if (colon == std::string_view::npos) return folders;
    setting.remove_prefix(colon + 1);
  }
}

}  // namespace llm_admin
