// The few primitives everything else is made of: random bytes, SHA-256, HMAC and HKDF, all from OpenSSL's EVP
// layer of the default library context (so a FIPS provider serves them where one is configured).
//
// A failing library call throws error{internal_error} that names the step and OpenSSL's reason text, never
// data; memory that cannot be had is std::bad_alloc. The thread's error queue is left empty either way.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/encoding.hpp"
#include "core/secret_bytes.hpp"

namespace llm_admin::crypto {

inline constexpr std::size_t key_size = 32;
inline constexpr std::size_t digest_size = 32;
using digest = std::array<std::uint8_t, digest_size>;

// Fills `out` from the library's generator; on failure `out` is cleansed and an error thrown.
void random_bytes(std::span<std::uint8_t> out);

digest sha256(byte_view data);                      // FIPS 180-4
digest hmac_sha256(byte_view key, byte_view data);  // RFC 2104
// Of the parts one behind the other, which are not copied.
digest hmac_sha256_parts(byte_view key, std::span<const byte_view> parts);
// RFC 5869; an empty salt is a string of zeros. 1 <= length <= 255 * 32, or an error.
secret_bytes hkdf_sha256(byte_view key, byte_view salt, byte_view info, std::size_t length);

// False at once for different sizes; else the time depends on the size alone.
bool constant_time_equal(byte_view left, byte_view right) noexcept;

// Drains the error queue and throws error{internal_error, "<step> failed", reason}. For the files beside this
// one.
[[noreturn]] void fail(std::string_view step);

}  // namespace llm_admin::crypto
