// Hands the events of a whole body to a builder: charged to the memory of the call, polled by the bytes.
#pragma once

#include <string_view>

#include "core/mapping/budget.hpp"
#include "core/mapping/stream/build.hpp"
#include "core/mapping/stream/frames.hpp"

namespace llm_admin::mapping {

// `most` has a memory bound. Throws what frames, builder and poll throw.
void feed(std::string_view body, stream_frames& frames, stream_builder& builder, const limits& most);

}  // namespace llm_admin::mapping
