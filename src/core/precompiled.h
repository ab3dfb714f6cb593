// What nearly every source of the core reads, parsed once a build. Sources include what they use all the same:
// this file is put before them by the build alone, and nobody includes it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/json/tree.hpp"
#include "core/mapping/program.hpp"
