// Config x cut x body, split at the first two zero bytes: a response config (or one letter for one of the
// tests' own), the size of the pieces in which the bytes come, and the body of a stream. However the body is
// cut, the same document, error and end come out of it; pointers resolve; work is bounded; read_answer() makes
// a result of every body.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "../unit/stream_configs.hpp"
#include "core/error.hpp"
#include "core/json/compare.hpp"
#include "core/json/parse.hpp"
#include "core/json/text.hpp"
#include "core/json/utf8.hpp"
#include "core/mapping/answer/answer.hpp"
#include "core/mapping/compile/compile.hpp"
#include "core/mapping/stream/build.hpp"
#include "core/mapping/stream/deltas.hpp"
#include "core/mapping/stream/frames.hpp"
#include "core/mapping/stream/stream.hpp"

using namespace llm_admin;

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

void resolves(const json::node& in, const std::string& pointer) {
  expect(static_cast<bool>(json::resolve(in, pointer)));
}

struct outcome {
  std::string document, error, told, state;
  bool operator==(const outcome&) const = default;
};

outcome in_pieces(const mapping::stream_program& program, std::string_view body, std::size_t size,
                  const mapping::limits& most) {
  outcome out;
  mapping::stream_frames frames(program.frame, most.max_output_bytes, nullptr, &program.fields);
  mapping::stream_builder builder(program, {}, most, [&](const mapping::emitted& one) {
    out.told += std::to_string(static_cast<int>(one.what)) + one.id;
    if (one.index) out.told += std::to_string(*one.index);
    out.told += json::write(one.value, 1u << 30).value();
  });
  const auto take = [&](std::string_view event, bool ended) {
    return builder.event(event, ended, frames.fields());
  };
  try {
    for (std::size_t at = 0; at < body.size(); at += size) {
      const std::string piece(body.substr(at, size));
      if (!frames.feed(piece, take)) break;
    }
    frames.finish(take);
  } catch (const error& raised) {
    expect(raised.sqlstate() == sqlstate::program_limit);
    out.state = raised.message();
    return out;
  }
  json::tree tree;
  out.document = json::write(json::view(builder.document(tree)), 1u << 30).value();
  out.error = json::write(builder.error(), 1u << 30).value();
  for (const bool flag : {builder.done(), builder.cut(), frames.blank(), frames.foreign(), frames.closed()})
    out.state += flag ? 'y' : 'n';
  for (const mapping::finding& one : builder.warnings()) out.state += one.message;
  return out;
}

void extract(const mapping::response_program& program, std::string_view body, const json::node& config,
             const mapping::limits& most) {
  mapping::stream_input input;
  input.body = body;
  input.limits = most;
  json::tree out;
  std::vector<mapping::finding> findings;
  const json::item* result = nullptr;
  try {
    result = mapping::try_extract_stream(program, input, out, findings);
  } catch (const error& raised) {
    expect(raised.sqlstate() == sqlstate::program_limit);
    return;
  }
  expect((result != nullptr) == findings.empty());
  for (const mapping::finding& one : findings) resolves(config, one.rule);
  if (result == nullptr) return;
  expect(result->count >= 13);
  const json::node warnings = json::view(result).member("extra").member("mapping_warnings");
  for (std::uint32_t n = 0; n < warnings.size; ++n)
    resolves(config, std::string(warnings.element(n).member("rule_pointer").text()));
}

void read(const mapping::response_program& program, std::string_view body, const mapping::limits& most) {
  mapping::answer_input input;
  input.body = body;
  input.limits = most;
  json::tree out, piece;
  const json::item* result = mapping::read_answer(program, input, out);
  expect(result != nullptr && result->count >= 13);
  expect(!json::has_half(json::write(json::view(result), 1u << 30).value()));
  try {
    const json::item* made = mapping::stream_deltas(program, input, piece);
    expect(json::view(made).member("deltas").is_array());
    expect(!json::has_half(json::write(json::view(made), 1u << 30).value()));
  } catch (const error& raised) {
    expect(raised.sqlstate() == sqlstate::program_limit);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t first = input.find('\0');
  const std::size_t second = first == std::string_view::npos ? first : input.find('\0', first + 1);
  if (second == std::string_view::npos) return 0;
  std::string_view text = input.substr(0, first);
  const std::string_view cut = input.substr(first + 1, second - first - 1), body = input.substr(second + 1);
  const std::array<const std::string*, 5> own = {&test::openai_chat, &test::anthropic_messages, &test::gemini,
                                                 &test::gemini_array, &test::ollama};
  if (text.size() == 1 && text[0] >= 'a' && text[0] < 'f')
    text = *own[static_cast<std::size_t>(text[0] - 'a')];
  json::tree tree;
  const json::item* parsed = json::parse(text, tree);
  if (parsed == nullptr) return 0;
  const json::node config = json::view(parsed);
  const auto made = mapping::compile_response(config);
  for (const mapping::problem& one : made.problems) resolves(config, one.pointer);
  if (!made.program || !made.program->stream) return 0;
  const mapping::limits most{100000, 100000};
  const std::size_t piece = cut.empty() ? 1 : static_cast<unsigned char>(cut[0]);
  const outcome whole = in_pieces(*made.program->stream, body, body.size() + 1, most);
  expect(in_pieces(*made.program->stream, body, piece, most) == whole);
  expect(in_pieces(*made.program->stream, body, 1, most) == whole);
  extract(*made.program, body, config, most);
  read(*made.program, body, most);
  return 0;
}
