// What the ordinary rules of a response config say of one event of a stream, as if it were the response.
//
// Program, input and `out` must outlive the object; values are borrowed from the document or made in `out`.
// 54000 as in response.hpp.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/json/tree.hpp"
#include "core/json/view.hpp"
#include "core/mapping/budget.hpp"
#include "core/mapping/path.hpp"
#include "core/mapping/program.hpp"

namespace llm_admin::mapping {

class ordinary_rules {
 public:
  // `around`: what header:, status and provider: stand for.
  ordinary_rules(const response_program& program, const scope& around, const limits& most, json::tree& out)
      : program_(program), around_(around), most_(most), out_(out) {}

  bool has(std::string_view name) const noexcept;
  json::item* value(const json::node& document, std::string_view name);
  bool finished(const json::node& document) {
    return !json::view(value(document, "finish_reason")).is_absent();
  }
  bool speaks(const json::node& document);  // does it hold a text or a call?
  bool answers(const json::node& document) { return speaks(document) || finished(document); }
  // The error that the rule `error` finds in it, without what it does not say; absent when it finds none.
  json::node error(const json::node& document);
  // An error that a rule of the stream took from an event: with what the rule `error` finds there, and of the
  // type stream_error when neither has one.
  json::node completed(const json::node& error, const json::node& event);

  std::uint64_t steps() const noexcept { return steps_; }  // values that paths looked at

 private:
  json::item* error_in(const json::node& document);
  void add_missing(json::item* to, const json::node& from);

  const response_program& program_;
  const scope& around_;
  const limits& most_;
  json::tree& out_;
  std::uint64_t steps_ = 0;
};

}  // namespace llm_admin::mapping
