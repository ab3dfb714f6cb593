// The one exception type of the domain: what a caller did wrong, said once, in the server's terms.
//
//   sqlstate    five characters from core/sqlstate.hpp
//   message     starts lower-case and ends without a full stop, but for texts of the scripts before 0.1
//   detail      holds facts
//   hint        holds the statement that mends it
//   log_detail  stands in the server's log in the place of the detail, where clients are told less
// No field ever holds key material. Thrown by value, caught by reference; pg::entry turns it into an ereport.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "core/sqlstate.hpp"

namespace llm_admin {

class error : public std::exception {
 public:
  error(sqlstate_t sqlstate, std::string message, std::string detail = {}, std::string hint = {},
        std::string log_detail = {})
      : sqlstate_(sqlstate),
        message_(std::move(message)),
        detail_(std::move(detail)),
        hint_(std::move(hint)),
        log_detail_(std::move(log_detail)) {}

  // For an error about a value that may be a raw key: what the server adds of its own as CONTEXT, a COPY's
  // line or a nested statement's text, would show it.
  error without_context() && {
    shows_context_ = false;
    return std::move(*this);
  }
  bool shows_context() const noexcept { return shows_context_; }

  const char* what() const noexcept override { return message_.c_str(); }
  sqlstate_t sqlstate() const noexcept { return sqlstate_; }
  // A failure of the moment, no verdict on what was asked: whoever survives errors lets it pass.
  bool is_fault() const noexcept {
    const std::string_view state = sqlstate_;
    return state == sqlstate::internal_error || state == sqlstate::out_of_memory ||
           state == sqlstate::serialization_failure;
  }
  const std::string& message() const noexcept { return message_; }
  const std::string& detail() const noexcept { return detail_; }
  const std::string& hint() const noexcept { return hint_; }
  const std::string& log_detail() const noexcept { return log_detail_; }

 private:
  sqlstate_t sqlstate_;
  std::string message_;
  std::string detail_;
  std::string hint_;
  std::string log_detail_;
  bool shows_context_ = true;
};

}  // namespace llm_admin
