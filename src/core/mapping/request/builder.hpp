// One build of a request. Private to this folder: request.cpp runs the rules, places.cpp puts their values
// where they go, trace.cpp tells afterwards which rule made what.
#pragma once

#include <optional>
#include <string>
#include <string_view>
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
  void unread();
  void streaming();
  void apply_rules();
  void take_model(const rule& of, const json::item* value);
  void check_limit(const json::node& value, const std::string& at, const std::string& rule);
  void check_defaults(const rule& of, const json::node& value);

  // places.cpp
  void put(const rule& of, const place& where, json::item* value);
  void put_into_body(const rule& of, const place& where, json::item* value);
  void put_into_url(const rule& of, const place& where, const json::item* value);
  void put_into_query(const rule& of, const std::string& name, const json::item* value);
  void require_holes(std::string_view path);
  void put_header(const rule& of, const json::item* value);
  std::optional<std::string> plain_text(const rule& of, const json::item* value, const char* what);
  void splice(const rule& of, const json::item* value);
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
  param_set params_;
  json::node params_view_;
  json::node extra_;
  bool drop_ = false;
  std::uint64_t outside_ = 0;  // bytes that went to the URL and into headers
  const rule* spliced_by_ = nullptr;
  const json::item* spliced_ = nullptr;
  std::unordered_map<const json::item*, origin> origins_;  // for the trace
  built_request result_;
};

}  // namespace llm_admin::mapping
