// What one model takes, as model_capabilities say it: members of the entry that has the model's name, then of
// the entries whose globs fit it, longest first, then of the whole; the first that has a member gives it.
//
//   refuses            ["temperature", …]      parameters that may not be given
//   requires           {"temperature": 1}      where it is given, it must be this
//   values             {"reasoning_effort": ["low", "high"]}   one of these; of an array: each of its elements
//   default_only       ["temperature", …] or {"temperature": 1}   only the API's default, which changes nothing
//   not_together       [["temperature", "top_p"], …]   what is left out is what stands behind the first
//   max_output_tokens  in place of the row's limit
//   reasoning          false refuses reasoning_effort; looked at for configs of 1.2 only
// Names of parameters may be aliases; what is unknown or of another shape says nothing. Private to this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/params.hpp"
#include "core/mapping/path.hpp"

namespace llm_admin::mapping {

// A parameter that was given and cannot stand: why, in the words of a finding.
struct misfit {
  std::string_view param;  // canonical
  std::string message;
};

class model_facts {
 public:
  model_facts(const capability_list& known, std::string_view model, budget& left)
      : known_(known), model_(model), left_(left) {}

  // The first misfit of what is given; nothing when all fits. Who leaves it out asks again.
  std::optional<misfit> next(const param_set& params, bool reasons_told) const;
  std::optional<std::int64_t> max_output_tokens() const;

 private:
  std::optional<misfit> refused(const param_set& params, bool reasons_told) const;
  std::optional<misfit> of_values(const param_set& params) const;
  std::optional<misfit> together(const param_set& params) const;
  std::string model() const;  // its name in messages

  const capability_list& known_;
  std::string_view model_;
  budget& left_;
};

// What is said of parameters that are given together; "" while one of them is not. `params` are canonical.
std::string given_together(const param_set& given, const std::vector<std::string_view>& params);

}  // namespace llm_admin::mapping
