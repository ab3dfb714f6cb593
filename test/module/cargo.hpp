// What an error must not leave behind: C++ objects that hold memory and count themselves.
//
// Counters are per backend. The heap block is written to, so that a leak of it shows in VmRSS.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

namespace llm_admin::test {

class cargo {
 public:
  static constexpr std::size_t block_bytes = 64 * 1024;
  static inline std::int64_t live = 0;
  static inline std::int64_t made = 0;

  cargo() : name_(100, 'n'), block_(std::make_unique<char[]>(block_bytes)) {
    std::memset(block_.get(), 0x5a, block_bytes);
    ++live;
    ++made;
  }
  ~cargo() { --live; }
  cargo(const cargo&) = delete;
  cargo& operator=(const cargo&) = delete;

 private:
  std::string name_;  // too long to be kept inside the object
  std::unique_ptr<char[]> block_;
};

}  // namespace llm_admin::test
