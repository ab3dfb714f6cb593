// One random case for the mapping language: a pair of configs, and what they are applied to.
//
// Everything lives in the tree that is given; members of objects stand in jsonb's order, so both holders walk
// them alike. A part of the configs is broken on purpose, most compile. The same seed gives the same case.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/json/tree.hpp"
#include "core/mapping/budget.hpp"
#include "generate/random.hpp"

namespace llm_admin::test {

struct sample {
  const json::item* request = nullptr;   // request_builder_config
  const json::item* response = nullptr;  // response_extractor_config
  const json::item* params = nullptr;
  const json::item* document = nullptr;
  const json::item* headers = nullptr;
  const json::item* columns = nullptr;
  const json::item* capabilities = nullptr;
  std::string body;  // of a stream, in the frame that the response config asks for
  std::optional<int> http_status;
  std::optional<std::int64_t> max_output_tokens_limit;
  mapping::limits limits;
};

// Of a seed, or of a fuzzer's bytes.
sample make_sample(random_source dice, json::tree& out);

}  // namespace llm_admin::test
