// The fuzzer's bytes make the choices of test/generate: configs that compile, and inputs that their rules
// fit. What must hold is checked in test/generate/outcome.hpp; here, that a second run gives the same.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "generate/outcome.hpp"

using namespace llm_admin;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  json::tree input, out, again;
  const test::sample with = test::make_sample(test::random_source(std::span(data, size)), input);
  const test::views views = {json::view(with.request),     json::view(with.response),
                             json::view(with.params),      json::view(with.document),
                             json::view(with.headers),     json::view(with.columns),
                             json::view(with.capabilities)};
  const test::outcome made = test::run(views, with, out, nullptr);
  if (!made.broken.empty()) {
    std::fprintf(stderr, "%s\n", made.broken.c_str());
    std::abort();
  }
  if (test::run(views, with, again, nullptr).text != made.text) std::abort();
  return 0;
}
