// The one type that holds secrets: plaintext API keys, root keys, data keys and what is derived from them.
//
// Owns one buffer from OPENSSL_malloc. Move-only, so that no copy is made by accident; `copy_of` makes one on
// purpose. Every byte ever held is cleansed before its memory goes back: on destruction, on move-assignment,
// on growth, and for the tail that shrink() cuts off. There is no stream operator and no comparison (use
// crypto::constant_time_equal). Memory that cannot be had is std::bad_alloc; nothing else is thrown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace llm_admin {

class secret_bytes {
 public:
  secret_bytes() noexcept = default;
  explicit secret_bytes(std::size_t size);  // zero-filled
  static secret_bytes copy_of(std::span<const std::uint8_t> bytes);

  secret_bytes(secret_bytes&& other) noexcept;  // leaves `other` empty
  secret_bytes& operator=(secret_bytes&& other) noexcept;
  secret_bytes(const secret_bytes&) = delete;
  secret_bytes& operator=(const secret_bytes&) = delete;
  ~secret_bytes();

  std::uint8_t* data() noexcept { return data_; }
  const std::uint8_t* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  // Views; valid until the next append(), shrink() or move.
  std::span<std::uint8_t> span() noexcept { return {data_, size_}; }
  std::span<const std::uint8_t> span() const noexcept { return {data_, size_}; }
  std::string_view text() const noexcept { return {reinterpret_cast<const char*>(data_), size_}; }

  // Cuts to `size` bytes and cleanses the rest; a larger size changes nothing.
  void shrink(std::size_t size) noexcept;
  // Adds `bytes` at the end; they may lie in this very buffer. Capacity at least doubles when it must grow.
  void append(std::span<const std::uint8_t> bytes);

 private:
  void release() noexcept;

  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace llm_admin
