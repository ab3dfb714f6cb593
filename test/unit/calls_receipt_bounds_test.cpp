// What no receipt says is taken from none, whoever signed it.
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "unit/receipts.hpp"

namespace llm_admin::calls {
namespace {

using namespace test;

// Bodies that are signed rightly and say what no receipt says.
std::string signed_as(std::vector<std::uint8_t> body) {
  const secret_bytes key = signing_key();
  std::string all = "lmr1." + std::string(as_text(body));
  const crypto::digest tag = crypto::hmac_sha256(key.span(), as_bytes(all));
  body.insert(body.end(), tag.begin(), tag.end());
  return "lmr1." + base64url_encode(body);
}

std::vector<std::uint8_t> body_of(std::string_view vector) {
  std::vector<std::uint8_t> bytes(base64url_decoded_size(vector.size() - 5));
  EXPECT_TRUE(base64url_decode(vector.substr(5), bytes));
  bytes.erase(bytes.end() - 32, bytes.end());
  return bytes;
}

TEST(CallReceipt, ASignatureDoesNotMakeItOne) {
  EXPECT_EQ(signed_as(body_of(bare_vector)), bare_vector);
  const auto with = [](std::size_t at, std::uint8_t value, std::string_view vector = bare_vector) {
    std::vector<std::uint8_t> body = body_of(vector);
    body.at(at) = value;
    return refused(signed_as(body));
  };
  const std::string none = "LA002 option receipt is no receipt of a call | ";
  EXPECT_EQ(with(41, 0x80), "taken");  // the tenant's own key
  EXPECT_EQ(with(40, 1), "taken");     // a further attempt
  for (const std::uint8_t flag : {4, 8, 16, 64, 128}) EXPECT_EQ(with(40, flag), none) << int{flag};
  for (const std::uint8_t flag : {1, 2, 4, 8, 16, 32, 64}) EXPECT_EQ(with(41, flag), none) << int{flag};
  EXPECT_EQ(with(40, 2), none);     // a rule that counts and is not there
  EXPECT_EQ(with(45, 0), none);     // attempt 0
  EXPECT_EQ(with(42, 0x80), none);  // and 2^31
  EXPECT_EQ(with(46, 0x80), none);
  EXPECT_EQ(with(51, 1), none);  // a text that is longer than what is left of the others
  EXPECT_EQ(with(50, 0xff), none);
  EXPECT_EQ(with(58, 0xff), none);  // no UTF-8
  EXPECT_EQ(with(58, 0), none);     // U+0000
  const std::vector<std::uint8_t> body = body_of(bare_vector);
  const std::size_t tags = body.size() - 2;
  EXPECT_EQ(with(tags, 1), none);      // a tag that is not there
  EXPECT_EQ(with(tags + 1, 1), none);  // nor that model
  const auto ending = [&](std::initializer_list<std::string_view> bytes) {
    std::vector<std::uint8_t> changed(body.begin(), body.end() - 2);
    for (const std::string_view one : bytes) changed.insert(changed.end(), one.begin(), one.end());
    return refused(signed_as(changed));
  };
  using namespace std::string_view_literals;
  const std::string_view a = "\0\1a\0\1x"sv, b = "\0\1b\0\1y"sv, no_more = "\0"sv;
  EXPECT_EQ(ending({"\2"sv, a, b, no_more}), "taken");
  EXPECT_EQ(ending({"\2"sv, b, a, no_more}), none);  // not by their names
  EXPECT_EQ(ending({"\2"sv, a, a, no_more}), none);
  EXPECT_EQ(ending({"\1\0\0\0\1x"sv, no_more}), none);  // without a name
  EXPECT_EQ(ending({"\1\0\1a\0\0"sv, no_more}), none);  // without a value
  EXPECT_EQ(ending({"\1\0\x41"sv, std::string(65, 'n'), "\0\1x"sv, no_more}), none);
  EXPECT_EQ(ending({"\1\0\1a\1\0"sv, std::string(256, 'v'), no_more}), none);
  EXPECT_EQ(ending({"\x41"sv, no_more}), none);
  EXPECT_EQ(ending({no_more, "\1\0\1m"sv}), "taken");
  EXPECT_EQ(ending({no_more, "\1\0\0"sv}), none);  // a model without a name
  EXPECT_EQ(ending({no_more, "\5\0\1m\0\1m\0\1m\0\1m\0\1m"sv}), none);
  EXPECT_EQ(ending({no_more, no_more, no_more}), none);  // more than that
  for (const char* estimate : {"x", "-1", "1e3", "+1", "NaN", " 1", ".5"}) {
    std::vector<std::uint8_t> changed(body.begin(), body.end() - 3);
    changed.push_back(static_cast<std::uint8_t>(std::string_view(estimate).size()));
    changed.insert(changed.end(), estimate, estimate + changed.back());
    changed.insert(changed.end(), 2, 0);
    EXPECT_EQ(refused(signed_as(changed)), none) << estimate;
  }
}

TEST(CallReceipt, WhatItHoldsHasBounds) {
  const secret_bytes key = signing_key();
  receipt of = sample_receipt();
  of.tenant_id = of.user_id = of.provider = of.model = of.request_id = std::string(1024, 'n');
  of.tags.clear();
  for (int n = 0; n < 64; ++n)
    of.tags.push_back({std::string(62, 't') + std::to_string(10 + n), std::string(255, 'v')});
  of.models.assign(4, std::string(1024, 'm'));
  const std::string text = write_receipt(of, of_key, key.span());
  EXPECT_EQ(open_receipt(text, key.span(), of_call, started), of);
  const auto state = [&](auto change) {
    receipt other = sample_receipt();
    change(other);
    try {
      (void)write_receipt(other, of_key, key.span());
    } catch (const error& e) {
      return std::string(e.sqlstate());
    }
    return std::string("taken");
  };
  EXPECT_EQ(state([](receipt& r) { r.model = std::string(1025, 'n'); }), "54000");
  EXPECT_EQ(state([](receipt& r) { r.models.assign(5, "m"); }), "54000");
  EXPECT_EQ(state([](receipt& r) { r.tags.front().name = std::string(65, 'a'); }), "54000");
  EXPECT_EQ(state([](receipt& r) { r.tags.front().value = std::string(256, 'a'); }), "54000");
  EXPECT_EQ(state([&](receipt& r) {
              r.tags.clear();
              for (int n = 0; n < 65; ++n) r.tags.push_back({"t" + std::to_string(10 + n), "v"});
            }),
            "54000");
  // Our own mistakes.
  EXPECT_EQ(state([](receipt& r) { std::swap(r.tags.front(), r.tags.back()); }), "XX000");
  EXPECT_EQ(state([](receipt& r) { r.tags.front().value.clear(); }), "XX000");
  EXPECT_EQ(state([](receipt& r) { r.models.front().clear(); }), "XX000");
  EXPECT_EQ(state([](receipt& r) { r.attempt = 0; }), "XX000");
  EXPECT_EQ(state([](receipt& r) { r.input_estimate = -1; }), "XX000");
  EXPECT_EQ(state([](receipt& r) { r.rule.reset(); }), "XX000");
  EXPECT_EQ(state([](receipt& r) { r.estimate_usd = "1e3"; }), "XX000");
}

}  // namespace
}  // namespace llm_admin::calls
