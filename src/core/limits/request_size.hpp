// How large a request is, before anybody counts its tokens: the bytes that a model reads, and what else it
// holds.
//
// Bytes are those of UTF-8 texts in messages, prompts and inputs, and of the compact JSON text of everything
// else that is an array or object: tools, schemas. A byte is at most one token of the tokenisers in use, so
// that with one byte a token they are an upper bound, together with an overhead a message and tool. An
// attachment counts by its kind, the `type` of its part (image, audio, video, file, document) or its MIME
// type, and the texts beside its payload count as texts.
//
// Iterative: the memory is in proportion to the depth, the work to the request, and polled by `bound` where
// there is one. Throws std::bad_alloc and what the bound throws.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/json/view.hpp"
#include "core/memory_bound.hpp"

namespace llm_admin::limits {

struct request_size {
  std::uint64_t text_bytes = 0;
  std::uint32_t messages = 0, tools = 0;
  std::uint32_t images = 0, audios = 0, videos = 0, files = 0;
  bool by_url = false;        // an attachment that the vendor fetches
  bool server_tools = false;  // tools that the vendor runs, which read more than was sent
  bool media_out = false;     // images or sound are asked for
};

// `params`: names of the mapping language (messages, tools, ...), or a vendor's body of the same shape.
request_size size_of(const json::node& params, memory_bound* bound = nullptr);

// The request's own maximum of output tokens: the largest max_output_tokens, max_completion_tokens or
// max_tokens, in extra_body too. Nothing where none is given; `largest_maximum` for what is no whole number
// above 0 or beyond it, which a vendor may take for no maximum at all.
inline constexpr std::int64_t largest_maximum = INT64_MAX;
std::optional<std::int64_t> requested_maximum(const json::node& params);

// How many answers the request asks for, the largest number under any of the vendors' names for it, in extra_body and the
// objects in it too, from 1 to `most_choices`; so many for what is no whole number.
inline constexpr std::int64_t most_choices = 1000;
std::int64_t requested_choices(const json::node& params);
// The service tier that the request names, in extra_body first; empty where it names none.
std::string_view requested_service_tier(const json::node& params);

}  // namespace llm_admin::limits
