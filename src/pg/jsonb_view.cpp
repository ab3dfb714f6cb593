#include <cstring>

#include "pg/jsonb.hpp"

namespace llm_admin::pg {

namespace {

JsonbContainer* container_of(const json::node& n) noexcept {
  return reinterpret_cast<JsonbContainer*>(const_cast<char*>(n.data));
}

class jsonb_ops final : public json::view_ops {
 public:
  json::node member(const json::node& object, std::string_view key) const noexcept override;
  json::node element(const json::node& array, std::size_t index) const noexcept override;
  json::node member_at(const json::node& object, std::size_t n,
                       std::string_view& key) const noexcept override;
  std::string number_text(const json::node& number) const override;
};

constexpr jsonb_ops ops;

json::node container_node(JsonbContainer* container) noexcept {
  json::node n;
  n.ops = &ops;
  n.data = reinterpret_cast<const char*>(container);
  n.size = JsonContainerSize(container);
  n.type = JsonContainerIsObject(container) ? json::kind::object : json::kind::array;
  return n;
}

// As the server's getJsonbOffset and getJsonbLength, which cannot be inlined from there.
uint32 offset_of(const JsonbContainer* container, int index) noexcept {
  uint32 offset = 0;
  for (int n = index - 1; n >= 0; --n) {
    offset += JBE_OFFLENFLD(container->children[n]);
    if (JBE_HAS_OFF(container->children[n])) break;
  }
  return offset;
}

uint32 length_of(const JsonbContainer* container, int index) noexcept {
  const JEntry entry = container->children[index];
  return JBE_OFFLENFLD(entry) - (JBE_HAS_OFF(entry) ? offset_of(container, index) : 0);
}

// The value of entry `index`, whose bytes begin at `base` (the end of the JEntry array).
json::node entry_node(JsonbContainer* container, char* base, int index) noexcept {
  const JEntry entry = container->children[index];
  const uint32 offset = offset_of(container, index);
  json::node n;
  n.ops = &ops;
  if (JBE_ISSTRING(entry)) {
    n.type = json::kind::string;
    n.data = base + offset;
    n.size = length_of(container, index);
  } else if (JBE_ISNUMERIC(entry)) {
    n.type = json::kind::number;
    n.data = base + INTALIGN(offset);
  } else if (JBE_ISBOOL(entry)) {
    n.type = json::kind::boolean;
    n.size = JBE_ISBOOL_TRUE(entry) ? 1 : 0;
  } else if (JBE_ISNULL(entry)) {
    n.type = json::kind::null;
  } else {
    n = container_node(reinterpret_cast<JsonbContainer*>(base + INTALIGN(offset)));
  }
  return n;
}

std::string_view key_at(JsonbContainer* container, char* base, int index) noexcept {
  return {base + offset_of(container, index), length_of(container, index)};
}

char* object_base(JsonbContainer* container) noexcept {
  return reinterpret_cast<char*>(&container->children[JsonContainerSize(container) * 2]);
}

// Order of object keys in jsonb: shorter first, then by bytes. Lengths come first because they stand in the
// entry, while an offset has to be summed up.
int compare_key(JsonbContainer* container, char* base, int index, std::string_view key) noexcept {
  const std::size_t size = length_of(container, index);
  if (size != key.size()) return size < key.size() ? -1 : 1;
  return size == 0 ? 0 : std::memcmp(base + offset_of(container, index), key.data(), size);
}

json::node jsonb_ops::member(const json::node& object, std::string_view key) const noexcept {
  JsonbContainer* container = container_of(object);
  char* base = object_base(container);
  const int count = static_cast<int>(object.size);
  int low = 0;
  int high = count;
  while (low < high) {
    const int middle = low + (high - low) / 2;
    const int order = compare_key(container, base, middle, key);
    if (order == 0) return entry_node(container, base, middle + count);
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return {};
}

json::node jsonb_ops::element(const json::node& array, std::size_t index) const noexcept {
  JsonbContainer* container = container_of(array);
  auto* base = reinterpret_cast<char*>(&container->children[array.size]);
  return entry_node(container, base, static_cast<int>(index));
}

json::node jsonb_ops::member_at(const json::node& object, std::size_t n,
                                std::string_view& key) const noexcept {
  JsonbContainer* container = container_of(object);
  char* base = object_base(container);
  key = key_at(container, base, static_cast<int>(n));
  return entry_node(container, base, static_cast<int>(n + object.size));
}

std::string jsonb_ops::number_text(const json::node& number) const {
  const Datum value = PointerGetDatum(number.data);
  char* text = call([&] {
    CHECK_FOR_INTERRUPTS();  // 147,000 digits may take six bytes of jsonb
    return DatumGetCString(DirectFunctionCall1(numeric_out, value));
  });
  std::string copy(text);
  pfree(text);
  return copy;
}

}  // namespace

json::node jsonb_view(Datum value) {
  auto* raw = reinterpret_cast<varlena*>(DatumGetPointer(value));
  if (VARATT_IS_EXTENDED(raw)) raw = call([&] { return pg_detoast_datum(raw); });
  auto* root = &reinterpret_cast<Jsonb*>(raw)->root;
  if (JsonContainerIsScalar(root)) return entry_node(root, reinterpret_cast<char*>(&root->children[1]), 0);
  return container_node(root);
}

}  // namespace llm_admin::pg
