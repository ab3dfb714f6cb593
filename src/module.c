/*
 * The magic block, in C on purpose: PG_MODULE_MAGIC_EXT takes designated arguments, which C++ does not
 * promise.
 */
#include "postgres.h"

#include "fmgr.h"

#ifdef PG_MODULE_MAGIC_EXT
PG_MODULE_MAGIC_EXT(.name = "llm_admin", .version = LLM_ADMIN_VERSION);
#else
PG_MODULE_MAGIC;
#endif
