#include "core/mapping/stream/feed.hpp"

#include <functional>
#include <limits>

namespace llm_admin::mapping {

namespace {

constexpr std::size_t cost_of_event = 1024;  // in bytes, besides those it has

// Charges an event that does not stand in the body but was gathered from several lines.
class gathered_text {
 public:
  gathered_text(memory_bound& bound, std::string_view body, std::string_view event) : bound_(bound) {
    const std::less<const char*> before;
    if (!before(event.data(), body.data()) && before(event.data(), body.data() + body.size())) return;
    bound_.take(event.size());
    size_ = event.size();
  }
  ~gathered_text() { bound_.give(size_); }
  gathered_text(const gathered_text&) = delete;
  gathered_text& operator=(const gathered_text&) = delete;

 private:
  memory_bound& bound_;
  std::size_t size_ = 0;
};

}  // namespace

void feed(std::string_view body, stream_frames& frames, stream_builder& builder, const limits& most) {
  budget polls(most, 0, {});  // it only polls: events have budgets of their own
  polls.most = std::numeric_limits<std::uint64_t>::max();
  const auto take = [&](std::string_view event, bool ended) {
    polls.read(event.size() + cost_of_event);
    const gathered_text held(*most.memory, body, event);
    return builder.event(event, ended, frames.fields());
  };
  if (frames.feed(body, take)) frames.finish(take);
}

}  // namespace llm_admin::mapping
