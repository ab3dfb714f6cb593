#include "core/pricing/names.hpp"

#include <algorithm>

namespace llm_admin::pricing {

namespace {

// Whether `text` has the shape: '0' stands for a digit, anything else for itself.
bool has_shape(std::string_view text, std::string_view shape) noexcept {
  return text.size() == shape.size() &&
         std::equal(text.begin(), text.end(), shape.begin(),
                    [](char c, char of) { return of == '0' ? c >= '0' && c <= '9' : c == of; });
}

}  // namespace

std::string without_date(std::string_view model) {
  const std::size_t at = model.rfind('@');
  if (at != std::string_view::npos && at > 0 && model.find('/', at) == std::string_view::npos)
    return std::string(model.substr(0, at));
  for (const std::string_view shape : {"-0000-00-00", "-00000000", "-latest"}) {
    if (model.size() <= shape.size()) continue;
    const std::size_t from = model.size() - shape.size();
    if (has_shape(model.substr(from), shape) && model[from - 1] != '/')
      return std::string(model.substr(0, from));
  }
  return {};
}

std::vector<name_to_try> names_to_try(std::string_view vendor, std::string_view served_as_written,
                                      std::string_view canonical_served,
                                      std::string_view canonical_requested) {
  std::vector<name_to_try> names;
  const auto add = [&](std::string name, bool as_requested) {
    const bool known =
        std::any_of(names.begin(), names.end(), [&](const name_to_try& one) { return one.model_id == name; });
    if (!name.empty() && !known) names.push_back({std::move(name), as_requested});
  };
  if (!served_as_written.empty()) {
    const std::string front = std::string(vendor) + "/";
    add(vendor.empty() || served_as_written.starts_with(front) ? std::string(served_as_written)
                                                               : front + std::string(served_as_written),
        false);
  }
  add(std::string(canonical_served), false);
  const std::size_t served = names.size();
  for (std::size_t n = 0; n < served; ++n) {
    const std::string name = names[n].model_id;
    add(without_date(name), false);
  }
  // What was asked for tells the price only where nothing of what served does.
  add(std::string(canonical_requested), served > 0);
  return names;
}

}  // namespace llm_admin::pricing
