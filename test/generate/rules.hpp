// Random rules of the mapping language: every head and modifier of 1.1, or those of 1.0.
#pragma once

#include <string>
#include <vector>

#include "generate/paths.hpp"

namespace llm_admin::test {

class rule_maker {
 public:
  rule_maker(random_source& dice, json::tree& out, bool newer, bool latest = false)
      : dice_(dice), out_(out), values_(dice, out), paths_(dice, out), newer_(newer), latest_(latest) {
    paths_.latest = latest;
  }

  json::item* rule(const readable& around, int depth);
  json::item* source(const readable& around);  // one path and nothing more
  // Definitions for rules that stand where `around` says; rules made later may use them.
  json::item* definitions(readable around);
  void forget_definitions() { defs_.clear(); }

  path_maker& paths() noexcept { return paths_; }
  value_maker& values() noexcept { return values_; }

 private:
  void head(json::item* rule, const readable& around, int depth);
  void each(json::item* rule, const readable& around, int depth);
  json::item* lookup(const readable& around, int depth);
  json::item* branches(const readable& around, int depth);
  json::item* list(const readable& around, int depth);
  json::item* fields(const readable& around, int depth);
  std::string format(const readable& around);
  void latest_head(json::item* rule, const readable& around, int depth);
  void modifiers(json::item* rule);
  void latest_modifiers(json::item* rule);
  void map(json::item* rule);
  void fallback(json::item* rule);
  json::item* path(const readable& around, bool many = false);
  json::item* text(std::string_view value) { return out_.string(out_.keep(value)); }

  random_source& dice_;
  json::tree& out_;
  value_maker values_;
  path_maker paths_;
  bool newer_, latest_;  // since 1.1, since 1.2
  json::node reached_;   // by the last path that was made
  std::vector<std::string> defs_;
};

}  // namespace llm_admin::test
