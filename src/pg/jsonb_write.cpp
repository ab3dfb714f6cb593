// Writes the server's binary form itself (utils/jsonb.h; the same bytes as jsonb_util.c makes): values are
// appended to one buffer, and what is borrowed from another jsonb is copied as it stands instead of being
// taken apart.
#include <algorithm>
#include <cstring>

#include "pg/jsonb.hpp"

namespace llm_admin::pg {

namespace {

// Everything below runs inside one guarded call: plain data only, any line may longjmp.

[[noreturn]] void too_large() {
  ereport(ERROR,
          (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
           errmsg("total size of a jsonb container exceeds the maximum of %u bytes", JENTRY_OFFLENMASK)));
  pg_unreachable();
}

constexpr int first_room = 4096;     // most results fit
constexpr int room_of_nothing = 64;  // [] and {}

constexpr uint32 values_between_polls = 4096;

// The bytes written so far. Offsets into it, since it moves when it grows.
struct buffer : StringInfoData {
  std::size_t most;  // bytes it may have
};

[[noreturn]] void over_bound() {
  ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("mapping stopped: its output is too large"),
                  errdetail("As jsonb it takes more than this call may hold.")));
  pg_unreachable();
}

int reserve(buffer& to, std::size_t bytes) {
  if (bytes > JENTRY_OFFLENMASK) too_large();
  if (bytes > to.most - static_cast<std::size_t>(to.len)) over_bound();
  if (bytes >= static_cast<std::size_t>(to.maxlen - to.len)) enlargeStringInfo(&to, static_cast<int>(bytes));
  const int at = to.len;
  to.len += static_cast<int>(bytes);
  return at;
}

void append(buffer& to, const void* bytes, std::size_t count) {
  const int at = reserve(to, count);
  if (count > 0) std::memcpy(to.data + at, bytes, count);
}

// Numbers and containers begin at a multiple of four; the padding counts as part of them.
void pad(buffer& to) {
  const std::size_t missing = INTALIGN(to.len) - static_cast<std::size_t>(to.len);
  const int at = reserve(to, missing);  // first: the buffer may move
  std::memset(to.data + at, 0, missing);
}

// What has been appended since `began`, as an entry of the container around it.
JEntry entry_since(const buffer& to, int began, JEntry type) {
  const auto size = static_cast<uint32>(to.len - began);
  if (size > JENTRY_OFFLENMASK) too_large();
  return type | size;
}

// A container under construction: its header and the room for its entries, which are filled in one by one.
// Every 32nd entry holds the offset of its end, the others their length.
struct container {
  int began;
  int entries;
  uint32 count = 0;
  uint32 total = 0;

  container(buffer& to, uint32 flags, uint32 size, uint32 entry_count) : began(to.len) {
    pad(to);
    const uint32 header = flags | size;
    append(to, &header, sizeof header);
    entries = reserve(to, std::size_t{entry_count} * sizeof(JEntry));
  }

  void add(buffer& to, JEntry entry) {
    total += JBE_OFFLENFLD(entry);  // below 2^29, since both parts are below 2^28
    if (total > JENTRY_OFFLENMASK) too_large();
    if (count % values_between_polls == 0) CHECK_FOR_INTERRUPTS();
    if (count % JB_OFFSET_STRIDE == 0) entry = (entry & JENTRY_TYPEMASK) | total | JENTRY_HAS_OFF;
    std::memcpy(to.data + entries + count * sizeof(JEntry), &entry, sizeof entry);
    ++count;
  }

  JEntry end(const buffer& to) const { return entry_since(to, began, JENTRY_ISCONTAINER); }
};

JEntry append_item(buffer& to, const json::item* value);

JEntry append_string(buffer& to, std::string_view text) {
  const int began = to.len;
  append(to, text.data(), text.size());
  return entry_since(to, began, JENTRY_ISSTRING);
}

JEntry append_numeric(buffer& to, Numeric number) {
  const int began = to.len;
  pad(to);
  append(to, number, VARSIZE_ANY(number));
  return entry_since(to, began, JENTRY_ISNUMERIC);
}

JEntry bool_entry(bool truth) { return truth ? JENTRY_ISBOOL_TRUE : JENTRY_ISBOOL_FALSE; }

// Plain decimal text in the server's short form of numeric (numeric.c): a header of 16 bits with sign, weight
// and the digits shown behind the point, then digits to the base of 10,000 without zeros at either end. What is
// longer, or has an exponent, needs the server's parser.
class short_numeric {
 public:
  bool read(std::string_view text) {
    if (text.size() > most_characters) return false;
    const bool negative = !text.empty() && text[0] == '-';
    if (negative) text.remove_prefix(1);
    const std::size_t point = std::min(text.find('.'), text.size());
    const std::size_t scale = text.size() - std::min(point + 1, text.size());
    if (point == 0 || (point < text.size() && scale == 0)) return false;
    int weight = static_cast<int>((point + 3) / 4) - 1;
    int count = 0, value = 0;
    std::size_t place = (4 - point % 4) % 4;  // of the next digit, within its group
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (at == point) continue;
      if (text[at] < '0' || text[at] > '9') return false;
      value = value * 10 + (text[at] - '0');
      if (++place == 4) add(value, weight, count), place = value = 0;
    }
    for (; place > 0 && place < 4; ++place) value *= 10;
    if (place == 4) add(value, weight, count);
    while (count > 0 && digits_[count - 1] == 0) --count;
    if (count == 0) weight = 0;
    const unsigned sign = negative && count > 0 ? 0x2000 : 0, below = weight < 0 ? 0x40 : 0;
    header_ =
        static_cast<uint16>(0x8000 | sign | scale << 7 | below | (static_cast<unsigned>(weight) & 0x3F));
    SET_VARSIZE(this, VARHDRSZ + sizeof header_ + sizeof(int16) * static_cast<std::size_t>(count));
    return true;
  }

 private:
  static constexpr std::size_t most_characters = 40;  // 0x3F fit behind the point

  void add(int digit, int& weight, int& count) {
    if (count > 0 || digit != 0)
      digits_[count++] = static_cast<int16>(digit);
    else
      --weight;
  }

  int32 length_;  // varlena's
  uint16 header_;
  int16 digits_[most_characters / 4 + 2];
};

JEntry append_number(buffer& to, std::string_view decimal_text) {
  short_numeric made;
  if (made.read(decimal_text)) return append_numeric(to, reinterpret_cast<Numeric>(&made));
  char* text = pnstrdup(decimal_text.data(), decimal_text.size());
  const Datum value =
      DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
  const JEntry entry = append_numeric(to, DatumGetNumeric(value));
  pfree(DatumGetPointer(value));
  pfree(text);
  return entry;
}

// A whole container of another jsonb: offsets inside count from its own begin, so its bytes can be moved.
JEntry append_container(buffer& to, const json::node& borrowed) {
  auto* from = reinterpret_cast<JsonbContainer*>(const_cast<char*>(borrowed.data));
  const uint32 entries = borrowed.is_object() ? borrowed.size * 2 : borrowed.size;
  std::size_t size = offsetof(JsonbContainer, children) + std::size_t{entries} * sizeof(JEntry);
  if (entries > 0) {
    const int last = static_cast<int>(entries - 1);
    size += std::size_t{getJsonbOffset(from, last)} + getJsonbLength(from, last);
  }
  const int began = to.len;
  pad(to);
  append(to, from, size);
  return entry_since(to, began, JENTRY_ISCONTAINER);
}

JEntry append_borrowed(buffer& to, const json::node& n) {
  if (const json::item* ours = json::item_of(n)) return append_item(to, ours);
  switch (n.type) {
    case json::kind::object:
    case json::kind::array:
      return append_container(to, n);
    case json::kind::string:
      return append_string(to, n.text());
    case json::kind::number:
      return append_numeric(to, reinterpret_cast<Numeric>(const_cast<char*>(n.data)));
    case json::kind::boolean:
      return bool_entry(n.truth());
    default:
      return JENTRY_ISNULL;
  }
}

// A member with its place in the order of insertion: of equal keys the last one counts. The length and the
// first four bytes of the key decide most comparisons.
struct member {
  const json::item* value;
  uint64 rank;
  uint32 at;

  member(const json::item* of, uint32 place) : value(of), rank(uint64{of->key.size()} << 32), at(place) {
    const std::string_view key = of->key;
    for (std::size_t n = 0; n < 4 && n < key.size(); ++n)
      rank |= uint64{static_cast<unsigned char>(key[n])} << (24 - 8 * n);
  }
  bool same_key(const member& other) const noexcept {
    return rank == other.rank && value->key == other.value->key;
  }
  bool operator<(const member& other) const noexcept {
    if (rank != other.rank) return rank < other.rank;
    const int order =
        value->key.empty() ? 0 : std::memcmp(value->key.data(), other.value->key.data(), value->key.size());
    return order != 0 ? order < 0 : at < other.at;
  }
};

JEntry append_object(buffer& to, const json::item* object) {
  check_stack_depth();
  auto* members = static_cast<member*>(palloc(sizeof(member) * (std::size_t{object->count} + 1)));
  uint32 count = 0;
  for (const json::item* child : object->children()) {
    members[count] = member(child, count);
    ++count;
  }
  std::sort(members, members + count);
  uint32 kept = 0;
  for (uint32 n = 0; n < count; ++n) {
    if (n + 1 == count || !members[n].same_key(members[n + 1])) members[kept++] = members[n];
  }
  container made(to, JB_FOBJECT, kept, kept * 2);
  for (uint32 n = 0; n < kept; ++n) made.add(to, append_string(to, members[n].value->key));
  for (uint32 n = 0; n < kept; ++n) made.add(to, append_item(to, members[n].value));
  pfree(members);
  return made.end(to);
}

JEntry append_item(buffer& to, const json::item* value) {
  if (value->is_borrowed) return append_borrowed(to, value->borrowed());
  switch (value->type) {
    case json::kind::object:
      return append_object(to, value);
    case json::kind::array: {
      check_stack_depth();
      container made(to, JB_FARRAY, value->count, value->count);
      for (const json::item* child : value->children()) made.add(to, append_item(to, child));
      return made.end(to);
    }
    case json::kind::string:
      return append_string(to, value->text);
    case json::kind::number:
      return append_number(to, value->text);
    case json::kind::boolean:
      return bool_entry(value->truth);
    default:
      return JENTRY_ISNULL;
  }
}

}  // namespace

Datum make_jsonb(const json::item* value, std::size_t most) {
  const json::node root = json::view(value);
  const bool is_container = root.is_object() || root.is_array();
  return call([&] {
    buffer to = {};
    to.most = std::max<std::size_t>(most, first_room);
    to.maxlen = is_container && root.size == 0 ? room_of_nothing : first_room;
    to.data = static_cast<char*>(palloc(static_cast<Size>(to.maxlen)));
    reserve(to, VARHDRSZ);
    if (is_container) {
      append_item(to, value);
    } else {  // a scalar at the root stands in a pseudo array
      container made(to, JB_FARRAY | JB_FSCALAR, 1, 1);
      made.add(to, append_item(to, value));
    }
    SET_VARSIZE(to.data, to.len);
    return PointerGetDatum(to.data);
  });
}

}  // namespace llm_admin::pg
