// Config x document, two JSON texts with a blank line between them, and after another one the body of a
// stream (else the document is its only event). The config is compiled as that of a request and of a
// response; both are applied. What must hold is checked in test/generate/outcome.hpp; here, that a second run
// gives the same.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/json/parse.hpp"
#include "core/memory_bound.hpp"
#include "generate/outcome.hpp"

using namespace llm_admin;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t split = input.find("\n\n");
  if (split == std::string_view::npos) return 0;
  const std::size_t end = input.find("\n\n", split + 2);
  const std::string_view text =
      input.substr(split + 2, end == std::string_view::npos ? end : end - split - 2);
  memory_bound bound(1u << 20);
  json::tree tree, out, again;
  tree.charge_to(&bound);
  const json::item* config = nullptr;
  const json::item* document = nullptr;
  try {
    config = json::parse(input.substr(0, split), tree);
    document = json::parse(text, tree);
  } catch (const memory_exceeded&) {
  }
  if (tree.bytes() > bound.most() || bound.peak > bound.most()) std::abort();
  if (config == nullptr || document == nullptr) return 0;

  test::sample with;
  with.request = with.response = config;
  with.params = with.document = with.headers = with.columns = with.capabilities = document;
  with.body = end == std::string_view::npos ? "data: " + std::string(text) + "\n\n" : input.substr(end + 2);
  with.max_output_tokens_limit = 100;
  with.limits = {100000, 10000};
  const json::node of = json::view(document);
  const test::views views = {json::view(config), json::view(config), of, of, of, of, of};
  const test::outcome made = test::run(views, with, out, nullptr);
  if (!made.broken.empty()) {
    std::fprintf(stderr, "%s\n", made.broken.c_str());
    std::abort();
  }
  if (test::run(views, with, again, nullptr).text != made.text) std::abort();
  return 0;
}
