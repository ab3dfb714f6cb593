// URLs of webhooks from anywhere: none that is let through leads to a denied address by itself, whatever the C library
// takes its host for. What is denied is written down here a second time, bit by bit. And other texts of webhooks:
// secrets, answers, waits, lists of what is allowed.
#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "core/encoding.hpp"
#include "core/error.hpp"
#include "core/http/host_reading.hpp"
#include "core/json/plain_utf8.hpp"
#include "core/webhooks/address.hpp"
#include "core/webhooks/claim_order.hpp"
#include "core/webhooks/response.hpp"
#include "core/webhooks/schedule.hpp"
#include "core/webhooks/secret.hpp"
#include "core/webhooks/signature.hpp"

using namespace llm_admin;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

bool is_public_v4(std::uint32_t a) {
  const std::uint32_t first = a >> 24, two = a >> 16, three = a >> 8;
  if (first == 0 || first == 10 || first == 127 || first >= 224) return false;
  if (two == 0xA9FE || two == 0xC0A8 || (two & 0xFFF0) == 0xAC10) return false;
  if (first == 100 && (two & 0xC0) == 0x40) return false;
  if (three == 0xC00000 || three == 0xC00002 || three == 0xC05863 || three == 0xC63364 || three == 0xCB0071)
    return false;
  return (two & 0xFFFE) != 0xC612 && a != 0xA83F8110;
}

bool is_public_v6(const unsigned char* b) {
  const auto v4_at = [b](int at) {
    return is_public_v4(std::uint32_t{b[at]} << 24 | std::uint32_t{b[at + 1]} << 16 |
                        std::uint32_t{b[at + 2]} << 8 | b[at + 3]);
  };
  static constexpr unsigned char zeros[12] = {};
  static constexpr unsigned char nat64[12] = {0, 0x64, 0xFF, 0x9B};
  if (std::memcmp(b, zeros, 10) == 0 && b[10] == 0xFF && b[11] == 0xFF) return v4_at(12);
  if (std::memcmp(b, zeros, 12) == 0) return false;
  if (std::memcmp(b, zeros, 8) == 0 && b[8] == 0xFF && b[9] == 0xFF && b[10] == 0 && b[11] == 0) return false;
  if (std::memcmp(b, nat64, 12) == 0) return v4_at(12);
  if (b[0] == 0) return !(b[1] == 0x64 && b[2] == 0xFF && b[3] == 0x9B && b[4] == 0 && b[5] == 1);
  if (b[0] >> 5 != 1) return false;
  if (b[0] == 0x20 && b[1] == 0x02) return v4_at(2);
  if (b[0] == 0x20 && b[1] == 0x01) return b[2] > 1 && !(b[2] == 0x0D && b[3] == 0xB8);
  return !(b[0] == 0x3F && b[1] == 0xFF && b[2] >> 4 == 0);
}

// Of a host that the C library takes for an address: whether it is a public one.
bool reads_as_public(const std::string& host) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_flags = AI_NUMERICHOST;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) {
    in_addr address{};
    return inet_aton(host.c_str(), &address) == 0 || is_public_v4(ntohl(address.s_addr));
  }
  bool all = true;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    if (one->ai_family == AF_INET)
      all &= is_public_v4(ntohl(reinterpret_cast<const sockaddr_in*>(one->ai_addr)->sin_addr.s_addr));
    if (one->ai_family == AF_INET6)
      all &= is_public_v6(reinterpret_cast<const sockaddr_in6*>(one->ai_addr)->sin6_addr.s6_addr);
  }
  freeaddrinfo(found);
  return all;
}

// The host as a client would cut it out that cares for nothing but its own characters.
std::string crude_host(std::string_view url) {
  url.remove_prefix(std::min(url.find("://") + 3, url.size()));
  url = url.substr(0, url.find_first_of("/?#\\"));
  url.remove_prefix(url.rfind('@') + 1);
  if (url.starts_with('[')) return std::string(url.substr(1, url.find(']') - 1));
  return std::string(url.substr(0, url.find(':')));
}

void judge(const std::string& url) {
  const webhooks::judgement found = webhooks::judge_url(url, {});
  if (!found.problems.empty()) {
    require(!found.allowed && found.kind != webhooks::address_kind::global);
    return;
  }
  require(found.allowed == (found.kind == webhooks::address_kind::global));
  require(url.find('\0') == std::string::npos && url.size() <= webhooks::longest_url);
  if (!found.allowed) return;
  std::string host = crude_host(url);
  for (int times = 0; times < 4; ++times) {
    require(reads_as_public(host));
    while (host.ends_with('.')) host.pop_back();
    require(reads_as_public(host));
    std::string lower = host;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    require(lower != "localhost" && !lower.ends_with(".localhost") && lower != "metadata.google.internal");
    host = percent_decoded(host);
  }
  // An accepted URL stays one, and is below itself.
  const parsed_url& parts = found.url;
  const std::string again =
      parts.scheme + "://" + parts.host + ":" + std::to_string(parts.port) + parts.path + parts.query;
  if (again.size() <= webhooks::longest_url) require(webhooks::judge_url(again, {}).allowed);
  require(webhooks::is_below(parts, parts));
}

void judge_bytes(byte_view bytes) {
  if (bytes.size() < 16) return;
  const parsed_url url = parse_url("https://example.com/");
  require(webhooks::may_connect(bytes.first(16), url, {}) == is_public_v6(bytes.data()));
  require(webhooks::may_connect(bytes.first(4), url, {}) ==
          is_public_v4(std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
                       std::uint32_t{bytes[2]} << 8 | bytes[3]));
}

void allow(std::string_view text) {
  try {
    const webhooks::allow_list list = webhooks::read_allow_list(text);
    const parsed_url url = parse_url("http://localhost:8080/");
    if (list.size() < 20)
      for (const std::string& one : webhooks::deny_networks(url, list))
        require(read_network(one).has_value() || one == "::ffff:0:0/96");
  } catch (const error& refused) {
    require(std::string_view(refused.sqlstate()) == sqlstate::invalid_parameter);
  }
}

void sign(std::string_view text) {
  if (webhooks::secret_problem(text) != nullptr) return;
  const secret_bytes key = webhooks::signing_key(text);
  require(key.size() >= webhooks::shortest_secret);
  if (text.starts_with(webhooks::secret_prefix))
    require(base64_encode(key.span()) == text.substr(webhooks::secret_prefix.size()));
  require(webhooks::signature_v1(key.span(), "id", 1, text).size() == 47);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  judge(text);
  judge("http://" + text);
  judge("https://" + text + "/hook?a=b");
  judge("http://[" + text + "]:80/");
  judge_bytes({data, size});
  allow(text);
  sign(text);
  sign("whsec_" + text);
  (void)read_host_leniently(text);
  const std::string kept = webhooks::response_text(text);
  require(is_plain_utf8(kept) && kept.size() <= webhooks::kept_response);
  webhooks::attempt made;
  made.http_status = 503;
  made.retry_after = text;
  const auto next = webhooks::after_attempt(made);
  require(next.wait_ms && *next.wait_ms >= 4000 && *next.wait_ms <= webhooks::longest_asked_ms);
  return 0;
}
