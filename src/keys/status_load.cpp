// The part of key_status() that says whether this session is taken to be loading a dump.
#include "keys/status.hpp"
#include "store/load.hpp"

namespace llm_admin::keys {

void add_load(status_rows& rows) {
  constexpr const char* item = "this session loads rows without history and checks";
  switch (store::session_load()) {
    case store::load_mark::settings:
      rows.add(item, "it has the settings of a dump", verdict::warning,
               "RESET check_function_bodies; afterwards SELECT * FROM llm_admin.validate_schema()");
      return;
    case store::load_mark::setting:
      rows.add(item, "llm_admin.restoring is on", verdict::warning,
               "RESET llm_admin.restoring; afterwards SELECT * FROM llm_admin.validate_schema()");
      return;
    case store::load_mark::copy:
    case store::load_mark::none:
      break;
  }
  if (store::restoring_without_effect())
    rows.add("llm_admin.restoring", "on, but not set by this session: it has no effect", verdict::warning,
             "SET llm_admin.restoring = on, in the session that loads");
}

}  // namespace llm_admin::keys
