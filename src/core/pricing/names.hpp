// Under which names the price of a call is looked for, in order:
//   the served model as the vendor wrote it, with its vendor in front -> the canonical id of the served one ->
//   the served one without a date behind it -> the requested model, with a note.
// Never by a prefix, a part or another case of a name: each has priced a small model as its big sibling.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace llm_admin::pricing {

// "gpt-4o-2024-08-06" -> "gpt-4o"; also -YYYYMMDD, @anything, -latest. Empty when there is nothing behind it.
std::string without_date(std::string_view model);

struct name_to_try {
  std::string model_id;
  bool as_requested = false;  // the note priced_as_requested
};
// `vendor` is the public name of the provider. Names that are empty or were there already are left out.
std::vector<name_to_try> names_to_try(std::string_view vendor, std::string_view served_as_written,
                                      std::string_view canonical_served,
                                      std::string_view canonical_requested);

}  // namespace llm_admin::pricing
