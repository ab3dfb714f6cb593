#include "core/secret_bytes.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace llm_admin {

namespace {

// Never null; `size` is not 0.
std::uint8_t* allocate(std::size_t size) {
  void* memory = OPENSSL_malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return static_cast<std::uint8_t*>(memory);
}

}  // namespace

secret_bytes::secret_bytes(std::size_t size) {
  if (size == 0) return;
  data_ = allocate(size);
  size_ = capacity_ = size;
  std::memset(data_, 0, size);
}

secret_bytes secret_bytes::copy_of(std::span<const std::uint8_t> bytes) {
  secret_bytes copy;
  copy.append(bytes);
  return copy;
}

secret_bytes::secret_bytes(secret_bytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

secret_bytes& secret_bytes::operator=(secret_bytes&& other) noexcept {
  if (this != &other) {
    release();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
  }
  return *this;
}

secret_bytes::~secret_bytes() { release(); }

void secret_bytes::shrink(std::size_t size) noexcept {
  if (size >= size_) return;
  OPENSSL_cleanse(data_ + size, size_ - size);
  size_ = size;
}

void secret_bytes::append(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return;
  if (bytes.size() > SIZE_MAX / 2 - size_) throw std::bad_alloc();
  const std::size_t wanted = size_ + bytes.size();
  if (data_ != nullptr && wanted <= capacity_) {
    std::memmove(data_ + size_, bytes.data(), bytes.size());
  } else {
    secret_bytes grown;
    const std::size_t room = std::max(wanted, capacity_ * 2);
    grown.data_ = allocate(room);
    grown.capacity_ = room;
    if (size_ != 0) std::memcpy(grown.data_, data_, size_);
    std::memcpy(grown.data_ + size_, bytes.data(), bytes.size());
    *this = std::move(grown);
  }
  size_ = wanted;
}

void secret_bytes::release() noexcept {
  if (data_ == nullptr) return;
  OPENSSL_cleanse(data_, capacity_);
  OPENSSL_free(data_);
  data_ = nullptr;
  size_ = capacity_ = 0;
}

}  // namespace llm_admin
