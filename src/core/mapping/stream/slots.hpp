// Which element of an array a key stands for, in arrays that a stream puts together by keys.
//
// A key has two parts, texts; an empty one is not known. Rules of finding: stream_document::slot_of().
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace llm_admin::mapping {

class slot_keys {
 public:
  std::optional<std::uint32_t> find(std::string_view first, std::string_view second) const;
  // Whether no second part is known of the element.
  bool nameless(std::uint32_t element) const;
  // An element that was found without its second part has it from now on.
  void learn(std::uint32_t element, std::string_view first, std::string_view second);
  void open(std::uint32_t element, std::string_view first, std::string_view second);

  std::size_t size() const noexcept { return elements_.size(); }
  std::uint64_t memory() const noexcept { return memory_; }  // bytes held, as good as
  // The elements by the whole numbers that their keys begin with; nothing when some begin otherwise.
  std::optional<std::vector<std::uint32_t>> by_number() const;

 private:
  using pair = std::pair<std::string, std::string>;
  void name(std::uint32_t element, const pair& key);

  std::map<std::uint32_t, pair> elements_;
  std::map<std::string, std::uint32_t, std::less<>> first_, second_;  // the last element with that part
  std::map<pair, std::uint32_t> both_;
  std::uint32_t last_ = 0;
  std::uint64_t memory_ = 0;
};

}  // namespace llm_admin::mapping
