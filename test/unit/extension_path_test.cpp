#include "core/extension_path.hpp"

#include <gtest/gtest.h>

namespace llm_admin {
namespace {

using folders = std::vector<std::string>;

TEST(ExtensionPath, KeepsTheOrderOfTheSetting) {
  EXPECT_EQ(extension_folders("/opt/x:$system", "/usr/share"),
            (folders{"/opt/x/extension", "/usr/share/extension"}));
  EXPECT_EQ(extension_folders("$system:/opt/x", "/usr/share"),
            (folders{"/usr/share/extension", "/opt/x/extension"}));
  EXPECT_EQ(extension_folders("/a:/b:/a", "/s"), (folders{"/a/extension", "/b/extension", "/a/extension"}));
}

TEST(ExtensionPath, WithoutTheMacroTheServersFolderIsNotLookedAt) {
  EXPECT_EQ(extension_folders("/opt/x", "/usr/share"), folders{"/opt/x/extension"});
}

TEST(ExtensionPath, EmptyMeansTheServersFolder) {
  EXPECT_EQ(extension_folders("", "/usr/share"), folders{"/usr/share/extension"});
  EXPECT_EQ(extension_folders("$system", "/usr/share"), folders{"/usr/share/extension"});
}

TEST(ExtensionPath, SlashesAndPathsBehindTheMacro) {
  EXPECT_EQ(extension_folders("/opt/x//", "/s"), folders{"/opt/x/extension"});
  EXPECT_EQ(extension_folders("$system/more/", "/s"), folders{"/s/more/extension"});
}

TEST(ExtensionPath, InDoubtNothing) {
  for (const char* setting : {":/a", "/a:", "/a::/b", "relative", "/a:relative", "./a", "$libdir", "$systems",
                              "$system2/a", "~/x", " /a"})
    EXPECT_EQ(extension_folders(setting, "/s"), std::nullopt) << setting;
}

}  // namespace
}  // namespace llm_admin
