#include "core/mapping/stream/frames.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/error.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::array<std::string_view, 4> usual_fields = {"data", "event", "id", "retry"};

constexpr std::size_t cost_of_line = 16;  // as bytes looked at

bool white(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool all_white(std::string_view text) noexcept {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::size_t line_end(std::string_view bytes, std::size_t at, bool cr_ends) noexcept {
  if (!cr_ends) return std::min(bytes.find('\n', at), bytes.size());
  while (at < bytes.size() && bytes[at] != '\n' && bytes[at] != '\r') ++at;
  return at;
}

}  // namespace

void stream_frames::within(std::size_t size) const {
  if (size <= most_) return;
  throw error(sqlstate::program_limit, "mapping stopped: an event of the stream is too large",
              "One event may be " + std::to_string(most_) + " bytes long.");
}

void stream_frames::gather(std::string& into, std::string_view more) {
  within(into.size() + more.size());
  into += more;
}

bool stream_frames::feed(std::string_view bytes, sink to) {
  if (over_) return false;
  while (mark_ < byte_order_mark.size() && !bytes.empty()) {
    if (bytes[0] == byte_order_mark[mark_]) {
      ++mark_;
      bytes.remove_prefix(1);
      continue;
    }
    // No mark: what looked like its beginning is text.
    const std::string_view held = byte_order_mark.substr(0, std::exchange(mark_, byte_order_mark.size()));
    if (!body(held, to)) return false;
  }
  return body(bytes, to);
}

bool stream_frames::body(std::string_view bytes, sink to) {
  if (bytes.empty()) return true;
  if (blank_ && !all_white(bytes)) blank_ = false;
  over_ = frame_ == frame_kind::json_array ? !array(bytes, to) : !lines(bytes, to);
  if (!over_ && has_data_ && !owns_data_) {  // the piece goes: keep what is pending of it
    data_.assign(data_view_);
    data_from_ = 0;
    owns_data_ = true;
  }
  return !over_;
}

void stream_frames::finish(sink to) {
  if (over_) return;
  if (mark_ < byte_order_mark.size()) {
    const std::string_view held = byte_order_mark.substr(0, std::exchange(mark_, byte_order_mark.size()));
    if (!body(held, to)) return;
  }
  over_ = true;
  if (frame_ == frame_kind::json_array) {
    if (in_element_) to(pending_, false);
    return;
  }
  if (frame_ == frame_kind::ndjson) {
    if (!all_white(pending_)) to(pending_, false);
    return;
  }
  const auto begins = [&](std::string_view field) {
    return field.size() > pending_.size() && field.starts_with(pending_);  // cut within a field's name
  };
  const bool begun = std::any_of(usual_fields.begin(), usual_fields.end(), begins) ||
                     (wanted_ != nullptr && std::any_of(wanted_->begin(), wanted_->end(), begins));
  if (!pending_.empty() && !begun && !line(pending_, true, to)) return;
  dispatch(false, to);
}

bool stream_frames::lines(std::string_view bytes, sink to) {
  const bool sse = frame_ == frame_kind::sse;
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (std::exchange(after_cr_, false) && bytes[at] == '\n') {
      ++at;
      continue;
    }
    // No further than a line may reach.
    const std::size_t room = most_ - std::min(most_, pending_.size()) + 1;
    const std::size_t reach = bytes.size() - at < room ? bytes.size() : at + room;
    const std::size_t end = line_end(bytes.substr(0, reach), at, sse);
    const std::string_view part = bytes.substr(at, end - at);
    looked_at(part.size() + cost_of_line);
    within(pending_.size() + part.size());
    if (end == bytes.size()) {
      pending_ += part;
      return true;
    }
    after_cr_ = bytes[end] == '\r';
    at = end + 1;
    if (pending_.empty()) {
      if (!line(part, false, to)) return false;
      continue;
    }
    pending_ += part;
    if (!line(pending_, true, to)) return false;
    pending_.clear();
  }
  return true;
}

// `gathered`: the text is pending_ itself.
bool stream_frames::line(std::string_view text, bool gathered, sink to) {
  if (frame_ == frame_kind::sse) return sse_line(text, gathered, to);
  return all_white(text) || to(text, true);
}

bool stream_frames::sse_line(std::string_view text, bool gathered, sink to) {
  if (text.empty()) return dispatch(true, to);
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  std::size_t from = colon == std::string_view::npos ? text.size() : colon + 1;
  if (from < text.size() && text[from] == ' ') ++from;
  if (name == "data") {
    data_line(text, from, gathered);
  } else if (wanted_ != nullptr && wanted_->contains(name)) {
    keep_field(name, text.substr(from));
  } else if (!all_white(name) &&
             std::find(usual_fields.begin(), usual_fields.end(), name) == usual_fields.end()) {
    foreign_ = true;
  }
  return true;
}

void stream_frames::keep_field(std::string_view name, std::string_view value) {
  for (sse_field& known : fields_) {
    if (known.first != name) continue;
    known.second = value;
    return;
  }
  fields_.emplace_back(name, value);
}

void stream_frames::data_line(std::string_view text, std::size_t from, bool gathered) {
  if (!std::exchange(has_data_, true)) {
    owns_data_ = gathered;
    if (gathered) {
      data_.swap(pending_);
      data_from_ = from;
    } else {
      data_view_ = text.substr(from);
    }
    return;
  }
  if (!std::exchange(owns_data_, true)) {
    data_.assign(data_view_);
    data_from_ = 0;
  }
  data_ += '\n';
  gather(data_, text.substr(from));
}

bool stream_frames::dispatch(bool ended, sink to) {
  std::string_view data;
  if (std::exchange(has_data_, false))
    data = owns_data_ ? std::string_view(data_).substr(data_from_) : data_view_;
  const bool more = (all_white(data) && fields_.empty()) || to(data, ended);
  fields_.clear();
  return more;
}

bool stream_frames::array(std::string_view bytes, sink to) {
  if (foreign_) return true;  // whatever follows is no array of events
  begin_ = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const char c = bytes[at];
    if (at % polled_bytes == polled_bytes - 1) looked_at(polled_bytes);
    if (in_string_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_string_ = false;
      }
      continue;
    }
    if (depth_ == 0) {
      if (white(c)) continue;
      if (closed_ || c != '[') {
        foreign_ = true;
        return true;
      }
      depth_ = 1;
      continue;
    }
    if (!in_element_) {
      if (white(c) || c == ',') continue;
      if (c == ']') {
        closed_ = true;
        depth_ = 0;
        continue;
      }
      in_element_ = true;
      begin_ = at;
    }
    if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if ((c == '}' || c == ']') && depth_ > 1) {
      if (--depth_ == 1 && !element_ends(bytes, at + 1, to)) return false;
    } else if (depth_ == 1 && (c == ',' || c == ']')) {  // behind a scalar
      if (!element_ends(bytes, at, to)) return false;
      if (c == ']') {
        closed_ = true;
        depth_ = 0;
      }
    }
  }
  if (in_element_) gather(pending_, bytes.substr(begin_));
  return true;
}

bool stream_frames::element_ends(std::string_view bytes, std::size_t end, sink to) {
  in_element_ = false;
  std::string_view text = bytes.substr(begin_, end - begin_);
  within(pending_.size() + text.size());
  if (pending_.empty()) return to(text, true);
  pending_ += text;
  const bool more = to(pending_, true);
  pending_.clear();
  return more;
}

}  // namespace llm_admin::mapping
