#include "core/webhooks/address.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/error.hpp"
#include "core/http/host_reading.hpp"
#include "core/text.hpp"

namespace llm_admin::webhooks {

namespace {

constexpr unsigned all_bits = 128;

std::string_view without_blanks(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<std::uint16_t> read_port(std::string_view digits) noexcept {
  std::uint16_t port = 0;
  const auto [stop, code] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const bool good = !digits.empty() && digits.front() != '0' && code == std::errc() &&
                    stop == digits.data() + digits.size();
  return good ? std::optional(port) : std::nullopt;
}

// "host", "host:port", an address or a network; nothing for what is none of them.
std::optional<allow_entry> read_entry(std::string_view text) {
  allow_entry made;
  if (const auto network = read_network(text)) {
    made.network = *network;
    return made;
  }
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && text.back() != ']') {
    made.port = read_port(text.substr(colon + 1));
    if (!made.port) return std::nullopt;
    text = text.substr(0, colon);
  }
  // The grammar of hosts is that of URLs.
  parsed_url url = parse_url("http://" + std::string(text));
  const bool in_brackets = text.starts_with('[') && text.ends_with(']');
  if (!url.problems.empty() || !url.path.empty() || url.host.find('{') != std::string::npos ||
      (!in_brackets && text.find(':') != std::string_view::npos))
    return std::nullopt;
  std::string_view host = url.host;
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  if (const auto address = read_ip(host))
    made.network = {*address, all_bits};
  else
    made.name = std::move(url.host);
  return made;
}

bool is_of_port(const allow_entry& entry, std::uint16_t port) noexcept {
  return !entry.port || *entry.port == port;
}

std::optional<ip_address> address_in(const parsed_url& url) {
  std::string_view host = url.host;
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return read_ip(host);
}

bool is_listed(const ip_address& address, address_kind kind, std::uint16_t port,
               const allow_list& allowed) noexcept {
  return std::any_of(allowed.begin(), allowed.end(), [&](const allow_entry& entry) {
    return entry.name.empty() && is_of_port(entry, port) && entry.network.contains(address) &&
           (kind != address_kind::metadata || entry.network.bits == all_bits);
  });
}

bool is_listed(std::string_view name, std::uint16_t port, const allow_list& allowed) noexcept {
  return std::any_of(allowed.begin(), allowed.end(), [&](const allow_entry& entry) {
    return !entry.name.empty() && entry.name == name && is_of_port(entry, port);
  });
}

// What a lax client would reach by a host that is no plain one.
address_kind kind_of_spelling(std::string_view written) {
  const host_reading read = read_host_leniently(written);
  const address_kind kind = read.address ? kind_of(*read.address) : kind_of_name(read.name);
  return kind == address_kind::global || kind == address_kind::local_name ? address_kind::malformed : kind;
}

// Of a host by the plain grammar. One in punycode that stands for plain characters hides another host.
address_kind kind_of_host(const parsed_url& url, std::vector<std::string>& problems) {
  if (const auto address = address_in(url)) return kind_of(*address);
  const host_reading read = read_host_leniently(url.host);
  const bool is_plain = std::all_of(read.name.begin(), read.name.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (read.address || (is_plain && read.name != url.host)) {
    problems.emplace_back("its host is punycode for another host");
    return kind_of_spelling(url.host);
  }
  return kind_of_name(url.host);
}

std::string with_article(address_kind kind) {
  using ak = address_kind;
  const bool vowel = kind == ak::unspecified || kind == ak::malformed;
  if (kind == ak::local_name) return "a name of the sender's own network";
  return std::string(vowel ? "an " : "a ") + std::string(kind_name(kind)) + " address";
}

}  // namespace

allow_list read_allow_list(std::string_view text) {
  allow_list made;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view written = without_blanks(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (written.empty()) continue;
    auto entry = read_entry(written);
    if (!entry || made.size() == most_allowed) {
      const std::string which = "entry " + std::to_string(number) + " of the hosts allowed to webhooks";
      throw error(sqlstate::invalid_parameter,
                  entry ? which + " is one too many; there may be " + std::to_string(most_allowed)
                        : which + " is no host, host:port, address or network",
                  "", "write names and networks like localhost:8080, 10.1.0.0/16, [fd00::5]:80");
    }
    made.push_back(*std::move(entry));
  }
  return made;
}

judgement judge_url(std::string_view url, const allow_list& allowed) {
  judgement made;
  if (url.size() > longest_url) {
    made.problems.push_back("it has more than " + std::to_string(longest_url) + " characters");
    return made;
  }
  made.url = parse_url(url, url_query::kept);
  made.problems = made.url.problems;
  if (url.find('{') != std::string_view::npos)
    made.problems.emplace_back("it holds a { that is not percent-encoded");
  if (!made.problems.empty()) {
    made.kind = kind_of_spelling(made.url.written_host);
    return made;
  }
  made.kind = kind_of_host(made.url, made.problems);
  if (!made.problems.empty()) return made;
  const auto address = address_in(made.url);
  made.allowed =
      made.kind == address_kind::global || (address ? is_listed(*address, made.kind, made.url.port, allowed)
                                                    : is_listed(made.url.host, made.url.port, allowed));
  return made;
}

void require_url(std::string_view url, const allow_list& allowed, std::string_view what,
                 std::string_view hint) {
  const judgement found = judge_url(url, allowed);
  if (found.allowed) return;
  if (found.problems.empty())
    throw error(sqlstate::invalid_parameter, std::string(what) + " leads to " + with_article(found.kind),
                "webhooks go to public addresses only", std::string(hint));
  std::string detail;
  for (std::size_t n = 1; n < found.problems.size(); ++n)
    (detail += detail.empty() ? "" : "\n") += found.problems[n];
  if (found.kind != address_kind::malformed)
    (detail += detail.empty() ? "" : "\n") += "it may be read as " + with_article(found.kind);
  throw error(sqlstate::invalid_parameter,
              std::string(what) + " is no URL of a webhook: " + found.problems.front(), detail,
              "write it as https://host/path, with a plain host name");
}

bool may_connect(std::span<const std::uint8_t> bytes, const parsed_url& url,
                 const allow_list& allowed) noexcept {
  const auto address = ip_of_bytes(bytes);
  if (!address) return false;
  const address_kind kind = kind_of(*address);
  return kind == address_kind::global || is_listed(*address, kind, url.port, allowed) ||
         (kind != address_kind::metadata && is_listed(url.host, url.port, allowed));
}

std::vector<std::string> deny_networks(const parsed_url& url, const allow_list& allowed) {
  const bool by_name = is_listed(url.host, url.port, allowed);
  std::vector<ip_network> denied;
  for (const denied_network& row : denied_networks()) {
    const bool is_metadata = row.kind == address_kind::metadata;
    if (by_name && !is_metadata) continue;
    std::vector<ip_network> left{row.network};
    for (const allow_entry& entry : allowed) {
      if (!entry.name.empty() || !is_of_port(entry, url.port)) continue;
      if (is_metadata && entry.network.bits != all_bits) continue;
      std::vector<ip_network> less;
      for (const ip_network& one : left) {
        const auto parts = network_without(one, entry.network);
        less.insert(less.end(), parts.begin(), parts.end());
      }
      left = std::move(less);
    }
    denied.insert(denied.end(), left.begin(), left.end());
  }
  // Networks lie within each other or apart, so in this order what holds one stands before it.
  std::sort(denied.begin(), denied.end());
  std::vector<std::string> texts;
  const ip_network* last = nullptr;
  for (const ip_network& one : denied) {
    if (last != nullptr && last->contains(one)) continue;
    last = &one;
    texts.push_back(network_text(one));
  }
  texts.emplace_back("::ffff:0:0/96");
  return texts;
}

}  // namespace llm_admin::webhooks
