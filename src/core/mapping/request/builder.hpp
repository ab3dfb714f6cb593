// One build of a request. Private to this folder: request.cpp runs the rules, places.cpp puts their values
// where they go, shapes.cpp, model.cpp and unread.cpp refuse or leave out what is not taken, trace.cpp tells afterwards
// which rule made what.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/mapping/evaluate/evaluate.hpp"
#include "core/mapping/params.hpp"
#include "core/mapping/request/extra_body.hpp"
#include "core/mapping/request/request.hpp"

namespace llm_admin::mapping {

class request_builder {
 public:
  request_builder(const request_program& program, const request_input& input, json::tree& out,
                  std::vector<finding>& findings);
  built_request run();

 private:
  // request.cpp
  void find(std::string at, std::string rule, std::string message);
  bool refused(std::string_view at) const;
  std::string pointer_to(std::string_view canonical) const;
  std::string as_given(const std::string& pointer) const;
  void switches();
  void warn(std::string at, std::string rule, std::string message);
  void unread();
  void replaced();
  void distinct_ids();
  void streaming();
  void apply_rules();
  void take_model(const rule& of, const json::item* value);
  bool is_over_limit(const json::node& whole) const;
  void clamp_output();
  void check_limit(const json::node& value, const std::string& at, const std::string& rule);
  void check_defaults(const rule& of, const json::node& value);

  // shapes.cpp
  void check_shapes();

  // model.cpp
  void find_model();
  void check_model();
  void check_conflicts();
  void refuse_or_leave_out(std::string_view canonical, const std::string& rule, std::string message);

  // unread.cpp
  enum class kind : std::uint8_t { message, part, tool, tool_call };
  void unread_members();
  void unread_of_message(const json::node& message, const read_trie::place* reads);
  void unread_of_part(const json::node& part, const read_trie::place* reads);
  void unread_of(kind of, const json::node& object, const read_trie::place* reads);
  void unread_below(kind of, const json::node& object, const read_trie::place* reads, std::string_view name,
                    bool only_warn);
  void unread_state(const json::node& state, const read_trie::place* reads);
  bool ignored(kind of, std::string_view name) const;
  void not_read(kind of, std::string_view name, const json::node& value, bool only_warn,
                std::string_view around = {});

  // places.cpp
  void put(const rule& of, const place& where, json::item* value);
  void put_into_body(const rule& of, const place& where, json::item* value);
  void put_into_url(const rule& of, const place& where, const json::item* value);
  void put_into_query(const rule& of, const std::string& name, const json::item* value);
  void require_holes(std::string_view path);
  void put_header(const rule& of, const json::item* value);
  std::optional<std::string> plain_text(const rule& of, const json::item* value, const char* what);
  void splice(const rule& of, const json::item* value);
  void extra_headers();
  json::node extra_of_provider(const json::node& extra);
  extra_guard guarded();
  void guard_output_tokens(const rule& of, std::vector<std::string>& segments, extra_guard& guard);
  void merge_extra();

  // trace.cpp
  void trace(const rule& of, const json::item* value, std::string pointer);
  void trace_dropped(const std::string& given, const json::node& value);
  void walk(const json::item* value, const std::string& pointer, const std::string& rule_pointer,
            const char* note);

  const request_program& program_;
  const request_input& input_;
  const call_shape& call_;
  json::tree& out_;
  std::vector<finding>& findings_;
  budget left_;
  budget looked_;  // of the look at members that no rule reads, apart from the rules' own
  param_set params_;
  json::node params_view_;
  json::node extra_;
  json::node extra_headers_;
  std::string model_;  // as the rule `model` gives it, or the parameter
  std::optional<capability_list> known_;
  std::optional<std::int64_t> limit_;  // of output tokens: the model's or the row's
  bool limit_of_model_ = false;
  bool drop_ = false;
  bool by_vendor_ = false;  // what is looked at stands in a message of role assistant
  std::string place_;       // of what is looked at, as pointer
  // Members told: kind, name, as a problem -> where in findings_ or warnings and how many more there are.
  struct mention {
    std::size_t at = 0;
    std::uint64_t more = 0;
  };
  std::map<std::tuple<kind, std::string_view, bool>, mention> told_;
  std::uint64_t outside_ = 0;  // bytes that went to the URL and into headers
  const rule* spliced_by_ = nullptr;
  const json::item* spliced_ = nullptr;
  std::unordered_map<const json::item*, origin> origins_;  // for the trace
  built_request result_;
};

}  // namespace llm_admin::mapping
