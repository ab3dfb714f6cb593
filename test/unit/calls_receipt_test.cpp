// The vectors were made by a program of its own, after the header alone (Python's hmac, hashlib, base64, struct).
#include "core/calls/receipt.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <vector>

#include "core/crypto/wrap.hpp"
#include "core/error.hpp"

namespace llm_admin::calls {
namespace {

constexpr std::string_view whole_vector =
    "lmr1."
    "EBESExQVFhcYGRobHB0eH6ChoqOkpaanqKmqq6ytrq8ABmF0xHFKQAPAwcLDxMXGx8jJysvMzc7PAAAAAAAAEmcABGFjbWUABFpvw6sA"
    "CWFu"
    "dGhyb3BpYwAbYW50aHJvcGljL2NsYXVkZS1zb25uZXQtNC01AAYwLjAxMjWb6cfd-0kEU6F-QlryZz0QFVCKDRcg22jFFekQjVzyLA";
constexpr std::string_view bare_vector =
    "lmr1."
    "EBESExQVFhcYGRobHB0eH6ChoqOkpaanqKmqq6ytrq8ABmF0xHFKQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAZvbGxhbWEA"
    "Bmxs"
    "YW1hMwAAjg6nhbfzDjMtQtn-k5hQrzTJz4YXXd2oQppvPtL6FtE";
constexpr std::int64_t started = 849319200123456;  // 2026-11-30T02:00:00.123456Z

template <typename T>
T counted_from(std::uint8_t first) {
  T made{};
  std::iota(made.begin(), made.end(), first);
  return made;
}

secret_bytes signing_key() {
  std::vector<std::uint8_t> data_key(32);
  std::iota(data_key.begin(), data_key.end(), std::uint8_t{0});
  return crypto::receipt_key(data_key);
}

const uuid_bytes of_call = counted_from<uuid_bytes>(0xa0);
const envelope::key_id of_key = counted_from<envelope::key_id>(0x10);

receipt sample_receipt() {
  return {of_call,
          started,
          "acme",
          "Zo\xc3\xab",
          "anthropic",
          "anthropic/claude-sonnet-4-5",
          counted_from<uuid_bytes>(0xc0),
          4711,
          false,
          "0.0125"};
}

std::string refused(std::string_view text, std::int64_t now = started, const uuid_bytes& call = of_call) {
  const secret_bytes key = signing_key();
  try {
    (void)open_receipt(text, key.span(), call, now);
  } catch (const error& e) {
    return std::string(e.sqlstate()) + ' ' + e.message() + " | " + e.detail();
  }
  return "taken";
}

TEST(CallReceipt, IsWhatTheHeaderSays) {
  const secret_bytes key = signing_key();
  EXPECT_EQ(hex_encode(key.span()), "9dd0255dbadfb571b2ba7bc957a9d06d1f4bc1235ae63859b98e47416a6b57f8");
  EXPECT_EQ(write_receipt(sample_receipt(), of_key, key.span()), whole_vector);
  receipt bare;
  bare.call_id = of_call;
  bare.started_at = started;
  bare.provider = "ollama";
  bare.model = "llama3";
  EXPECT_EQ(write_receipt(bare, of_key, key.span()), bare_vector);
}

TEST(CallReceipt, IsReadBack) {
  const secret_bytes key = signing_key();
  EXPECT_EQ(receipt_data_key(whole_vector), of_key);
  const receipt read = open_receipt(whole_vector, key.span(), of_call, started + 1);
  const receipt wrote = sample_receipt();
  EXPECT_EQ(read.call_id, wrote.call_id);
  EXPECT_EQ(read.started_at, wrote.started_at);
  EXPECT_EQ(read.tenant_id, wrote.tenant_id);
  EXPECT_EQ(read.user_id, wrote.user_id);
  EXPECT_EQ(read.provider, wrote.provider);
  EXPECT_EQ(read.model, wrote.model);
  EXPECT_EQ(read.account_id, wrote.account_id);
  EXPECT_EQ(read.price_id, 4711);
  EXPECT_EQ(read.estimate_usd, "0.0125");
  const receipt bare = open_receipt(bare_vector, key.span(), of_call, started);
  EXPECT_FALSE(bare.account_id);
  EXPECT_FALSE(bare.price_id);
  EXPECT_EQ(bare.estimate_usd, "");
}

TEST(CallReceipt, SaysWhoseKeyItWas) {
  const secret_bytes key = signing_key();
  EXPECT_FALSE(open_receipt(whole_vector, key.span(), of_call, started).by_tenant);
  for (const bool with_account : {false, true}) {
    receipt of = sample_receipt();
    of.by_tenant = true;
    if (!with_account) of.account_id = std::nullopt;
    const std::string text = write_receipt(of, of_key, key.span());
    std::vector<std::uint8_t> bytes(base64url_decoded_size(text.size() - 5));
    ASSERT_TRUE(base64url_decode(std::string_view(text).substr(5), bytes));
    EXPECT_EQ(bytes.at(40), with_account ? 7 : 6);
    const receipt read = open_receipt(text, key.span(), of_call, started);
    EXPECT_TRUE(read.by_tenant);
    EXPECT_EQ(read.account_id.has_value(), with_account);
    EXPECT_EQ(read.price_id, 4711);
    EXPECT_TRUE(parse_receipt(text)->by_tenant);
  }
}

TEST(CallReceipt, LastsForADayAndBearsAClockThatSteppedBack) {
  EXPECT_EQ(refused(whole_vector, started + receipt_validity - 1), "taken");
  const std::string old =
      "LA004 call a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf is not known | its receipt is older than 24 hours";
  EXPECT_EQ(refused(whole_vector, started + receipt_validity), old);
  EXPECT_EQ(refused(whole_vector, INT64_MAX), old);
  EXPECT_EQ(refused(whole_vector, started - 7 * receipt_validity), "taken");
  EXPECT_EQ(refused(whole_vector, INT64_MIN), "taken");
}

TEST(CallReceipt, VouchesForItsCallAlone) {
  EXPECT_EQ(refused(whole_vector, started, counted_from<uuid_bytes>(0xa1)),
            "LA004 call a1a2a3a4-a5a6-a7a8-a9aa-abacadaeafb0 is not known | the receipt is that of call "
            "a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf");
}

TEST(CallReceipt, OfAnotherInstallationIsNone) {
  const secret_bytes other = crypto::receipt_key(std::vector<std::uint8_t>(32, 7));
  const std::string theirs = write_receipt(sample_receipt(), of_key, other.span());
  EXPECT_EQ(
      refused(theirs),
      "LA004 call a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf is not known | its receipt was altered, or signed by "
      "another installation");
}

// No bit of it counts for nothing: of the text, and of the bytes below.
TEST(CallReceipt, EveryChangeIsFound) {
  for (const std::string_view vector : {whole_vector, bare_vector}) {
    for (std::size_t n = 0; n < vector.size(); ++n) {
      for (const char c : {'A', 'B', 'w', '_', '.', '\n', '\0'}) {
        std::string altered(vector);
        if (altered[n] == c) continue;
        altered[n] = c;
        const std::string said = refused(altered);
        EXPECT_TRUE(said.starts_with("LA004") || said.starts_with("LA002")) << n << ' ' << said;
      }
      EXPECT_NE(refused(vector.substr(0, n)), "taken") << n;
    }
    for (const char* more : {"A", "AA", "=", ".", " ", "AAAA"})
      EXPECT_NE(refused(std::string(vector) + more), "taken");
  }
}

TEST(CallReceipt, WhatIsNoneIsSaidToBeNone) {
  const std::string none = "LA002 option receipt is no receipt of a call | ";
  for (const std::string& text : std::vector<std::string>{
           "", "lmr1.", "lmr1", "lmr2." + std::string(whole_vector.substr(5)),
           std::string(whole_vector.substr(5)), "lmr1." + std::string(100, 'A'),
           "lmr1." + std::string(10'000'000, 'A'), std::string(whole_vector) + "=",
           "LMR1." + std::string(whole_vector.substr(5)), " " + std::string(whole_vector)}) {
    EXPECT_EQ(refused(text), none) << text.substr(0, 40);
    EXPECT_THROW((void)receipt_data_key(text), error);
    EXPECT_FALSE(parse_receipt(text));
  }
}

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
  EXPECT_EQ(with(40, 4), "taken");  // the tenant's own key
  for (const std::uint8_t flag : {8, 12, 16, 64, 128}) EXPECT_EQ(with(40, flag), none) << int{flag};
  EXPECT_EQ(with(41, 1), none);     // an account without its flag
  EXPECT_EQ(with(64, 1), none);     // a price without its flag
  EXPECT_EQ(with(40, 3), "taken");  // an account of zeros is one
  EXPECT_EQ(with(66, 1), none);     // a text that is longer than what is left of the others
  EXPECT_EQ(with(65, 0xff), none);
  EXPECT_EQ(with(73, 0xff, bare_vector), none);  // no UTF-8
  EXPECT_EQ(with(73, 0, bare_vector), none);     // U+0000
  std::vector<std::uint8_t> longer = body_of(bare_vector);
  longer.push_back(0);
  EXPECT_EQ(refused(signed_as(longer)), none);
  longer = body_of(bare_vector);
  longer.back() = 1;  // an estimate of one byte, which is not there
  EXPECT_EQ(refused(signed_as(longer)), none);
  for (const char* estimate : {"x", "-1", "1e3", "+1", "NaN", " 1", ".5"}) {
    std::vector<std::uint8_t> body = body_of(bare_vector);
    body.back() = static_cast<std::uint8_t>(std::string_view(estimate).size());
    body.insert(body.end(), estimate, estimate + body.back());
    EXPECT_EQ(refused(signed_as(body)), none) << estimate;
  }
}

TEST(CallReceipt, NamesHaveBounds) {
  const secret_bytes key = signing_key();
  receipt of = sample_receipt();
  of.tenant_id = of.user_id = of.provider = of.model = std::string(1024, 'n');
  const std::string text = write_receipt(of, of_key, key.span());
  EXPECT_EQ(open_receipt(text, key.span(), of_call, started).model, of.model);
  of.model += 'n';
  try {
    (void)write_receipt(of, of_key, key.span());
    FAIL() << "a name of 1,025 bytes was taken";
  } catch (const error& e) {
    EXPECT_STREQ(e.sqlstate(), "54000");
  }
}

TEST(CallReceipt, WithoutOneACallIsUnknown) {
  try {
    refuse_unknown_call(of_call);
  } catch (const error& e) {
    EXPECT_STREQ(e.sqlstate(), "LA004");
    EXPECT_EQ(e.detail(), "no open call has this id, and no receipt was given");
  }
}

}  // namespace
}  // namespace llm_admin::calls
