// Any text: a keyring or an LA030 that quotes nothing of it. What is taken is well-formed and can be found
// again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/crypto/keyring.hpp"
#include "core/encoding.hpp"
#include "core/error.hpp"

using namespace llm_admin;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  try {
    const crypto::keyring ring = crypto::keyring::parse(text);
    const auto ids = ring.ids();
    require(!ids.empty() && ids.size() == ring.size() && ids.front() >= 1);
    require(std::adjacent_find(ids.begin(), ids.end(), std::greater_equal<>()) == ids.end());
    require(ring.find(ring.first_active()) != nullptr);
    require(!ring.marked_active() || *ring.marked_active() == ring.first_active());
    for (const std::int32_t id : ids) require(ring.find(id)->size() == 32);
    require(ring.find(0) == nullptr && ring.find(-1) == nullptr);
  } catch (const error& e) {
    require(std::string_view(e.sqlstate()) == sqlstate::keyring);
    require(!e.detail().empty() && e.detail().size() < 120);
  }
  return 0;
}
