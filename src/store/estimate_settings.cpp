#include "store/estimate_settings.hpp"

#include <cstdio>

#include "pg/settings.hpp"

namespace llm_admin::store {

namespace {

// The setting is no more exact than nine places.
money::decimal decimal_of(double value) {
  char text[64];
  (void)std::snprintf(text, sizeof text, "%.9f", value);
  return money::decimal::from_text(text).value_or(money::decimal());
}

}  // namespace

limits::estimate_settings estimate_settings_now() {
  limits::estimate_settings made;
  made.bytes_per_token = pg::settings::bytes_per_token();
  made.message_tokens = pg::settings::message_tokens();
  made.image_tokens = pg::settings::image_tokens();
  made.audio_tokens = pg::settings::audio_tokens();
  made.video_tokens = pg::settings::video_tokens();
  made.file_tokens = pg::settings::file_tokens();
  made.default_output_tokens = pg::settings::default_output_tokens();
  made.unpriced_input_per_1k = made.unpriced_output_per_1k =
      decimal_of(pg::settings::unpriced_price_per_1k());
  return made;
}

}  // namespace llm_admin::store
