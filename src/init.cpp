// _PG_init: settings, callbacks, shared memory; nothing else. It runs outside any pg::entry, so it builds no C++ objects.
#include "pg/server.hpp"
#include "pg/settings.hpp"
#include "store/config_log.hpp"
#include "store/denials.hpp"
#include "store/shared_counters.hpp"
#include "store/tables.hpp"

extern "C" PGDLLEXPORT void _PG_init(void) {
  llm_admin::pg::settings::define();
  llm_admin::store::register_callbacks();
  llm_admin::store::register_config_log();
  llm_admin::store::define_denials();
  llm_admin::store::define_shared_counters();
}
