// _PG_init: settings and callbacks; nothing else. It runs outside any pg::entry, so it builds no C++ objects.
#include "pg/catalog.hpp"
#include "pg/server.hpp"
#include "pg/settings.hpp"

extern "C" PGDLLEXPORT void _PG_init(void) {
  llm_admin::pg::settings::define();
  llm_admin::pg::catalog::register_callbacks();
}
