// How an offer is put together from a file's fields; private to the readers.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json/tree.hpp"
#include "core/pricing/offers/offer.hpp"

namespace llm_admin::pricing {

// From a price per million to one per thousand.
inline constexpr int per_million = -3;

// Whether somebody else runs the model for money, as far as the vendor's name tells.
bool is_local_vendor(std::string_view vendor) noexcept;
// The name of a vendor as canonical ids write it: gemini -> google.
std::string vendor_of(std::string_view name_in_file);

class offer_maker {
 public:
  offer_maker(std::string_view entry, std::string vendor, std::string_view model);

  // `value` times 10^places is the rate. A value that is absent says nothing; one that is no number is a problem.
  void rate(std::string key, const json::node& value, int places);
  void rate_once(std::string key, const json::node& value, int places);  // unless there is one
  void limits(const json::node& input, const json::node& output);
  void deprecated(const json::node& date);
  void problem(std::string what);
  bool has(std::string_view key) const noexcept;

  // `chat`: a price of nothing needs a reason.
  const offer& finish(bool chat);

 private:
  void drop_placeholders();
  money::decimal value_of(std::string_view key) const;

  offer made_;
  std::vector<std::pair<std::string, money::decimal>> rates_;
};

void read_litellm(const json::node& file, function_ref<void(const offer&)> take);
void read_models_dev(const json::node& file, function_ref<void(const offer&)> take);
void read_genai_prices(const json::node& file, std::string_view today, function_ref<void(const offer&)> take);

}  // namespace llm_admin::pricing
