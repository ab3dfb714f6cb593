// A row of model_pricing on its way in, and what it says of the history.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/pricing/rates.hpp"
#include "pg/server.hpp"

namespace llm_admin::prices {

// From when the price holds that one of our own functions is writing; else it holds from now. For its scope and
// this backend, taken back when an exception passes.
class dated_price {
 public:
  explicit dated_price(std::optional<TimestampTz> from) noexcept;
  ~dated_price();
  dated_price(const dated_price&) = delete;
  dated_price& operator=(const dated_price&) = delete;
  static std::optional<TimestampTz> current() noexcept;

 private:
  std::optional<TimestampTz> before_;
};

// LA002 where the id has no vendor in front: no call would ever be priced by it.
void require_model_id(std::string_view model_id);
// LA002 where a rate is out of the bounds that the settings set, or nothing is known of the currency.
void require_plausible(std::string_view model_id, const pricing::rate_table& rates,
                       std::string_view currency);
// What is out of bounds, as require_plausible() says it; empty: nothing.
std::string implausible(const pricing::rate_table& rates, std::string_view currency);

// A time as the server reads it; raises what its timestamptz does not take.
TimestampTz read_time(std::string_view text);

std::int64_t new_price_id();
// A row of model_price_history; `rates` is null for a price that is withdrawn. From `from`, or from now: later than
// every price of the model that began with its row, so that the newest one counts. One that is there at the same
// instant moves it by a microsecond. Returns from when it holds.
TimestampTz add_to_history(std::string_view model_id, std::int64_t price_id, const pricing::rate_table* rates,
                           std::string_view currency, std::string_view source,
                           std::optional<TimestampTz> from);

}  // namespace llm_admin::prices
