// Everything that a sample leads to, as text: problems, findings, results, traces, steps. What holds the
// values must make no difference to it.
//
// On the way it is checked what must hold for any config and any input: pointers resolve, steps stay within
// the bound, a program comes without errors and only then. The first thing that does not hold is `broken`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/json/tree.hpp"
#include "core/mapping/program.hpp"
#include "generate/reached.hpp"
#include "generate/sample.hpp"

namespace llm_admin::test {

// The values of a sample in one holder.
struct views {
  json::node request, response, params, document, headers, columns, capabilities;
};

struct outcome {
  std::string text;
  std::string broken;
  std::vector<const json::item*> results;  // bodies and extracted results, in the tree that was given
  std::shared_ptr<const mapping::request_program> request;    // null when it does not compile
  std::shared_ptr<const mapping::response_program> response;  // results borrow from both
};

// `count` may be null.
outcome run(const views& of, const sample& with, json::tree& out, reached* count);

}  // namespace llm_admin::test
