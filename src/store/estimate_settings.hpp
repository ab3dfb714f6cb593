// What estimates of calls go by, from the settings (docs/settings.md).
#pragma once

#include "core/limits/estimate.hpp"

namespace llm_admin::store {

limits::estimate_settings estimate_settings_now();

}  // namespace llm_admin::store
