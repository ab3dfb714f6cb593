// What nearly every source above the core reads; see core/precompiled.h.
#include "core/precompiled.h"

#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "pg/trigger.hpp"
