// What a batch of whole frames of a stream adds to the answer, for a consumer who shows it as it comes.
//
//   {deltas: [{kind, index, id, name, text}], done, error, usage}
//   kind    text, reasoning, tool_call (a call begins: id and name as far as they are given), tool_arguments
//   index   which of several it belongs to: the first part of the key of the rule, else the index in its
//           place; null goes on with the one opened last
//   done    the stream's mark of the end, or the end of its array, is among the frames
//   error   as in the result (core/mapping/response/error.hpp), or null
//   usage   what these frames tell of it, in the result's form, or null
// Of several choices the first is told, the one that `text` and `tool_calls` of the result are of.
// Nothing is kept from one batch to the next: only the rules with `emit` give deltas, and what they give stands
// for itself, whatever came before. Halves of a surrogate pair are joined within a batch; one that is left at
// its border becomes U+FFFD. A frame that is no JSON is passed over; a batch in which nothing is JSON has the
// error not_json. Linear in the batch.
//
// Values are borrowed: program, input and `out` must outlive the result. LA003 for a config without rules for
// streams. A bound of `limits` that is passed is the error too_large, without deltas.
#pragma once

#include "core/mapping/answer/answer.hpp"

namespace llm_admin::mapping {

// `input.body`: the frames.
json::item* stream_deltas(const response_program& program, const answer_input& input, json::tree& out);

}  // namespace llm_admin::mapping
