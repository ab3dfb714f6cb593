#include "store/row_text.hpp"

#include <algorithm>
#include <array>

#include "core/audit/concealed.hpp"
#include "core/json/plain_utf8.hpp"
#include "core/time_text.hpp"
#include "pg/args.hpp"
#include "pg/jsonb.hpp"
#include "pg/pinned_settings.hpp"

namespace llm_admin::audit {

namespace {

constexpr std::array<std::string_view, 3> key_columns = {"api_key_encrypted", "key_hash", "previous_hash"};

constexpr std::array<std::string_view, 10> running_notes = {
    "health_status",  "last_health_check", "last_used",         "tokens_per_sec", "vram_usage_mb",
    "last_tested_at", "last_test_result",  "last_test_latency", "updated_at",     "last_used_day"};

std::string time_text(TimestampTz at) {
  if (TIMESTAMP_IS_NOEND(at)) return "infinity";
  if (TIMESTAMP_IS_NOBEGIN(at)) return "-infinity";
  std::string text = iso_utc(at);  // to the millisecond
  const std::string rest = std::to_string(1000 + (at % 1000 + 1000) % 1000);
  return text.insert(text.size() - 1, rest, 1, 3);
}

// By the type's output function, which may heed settings.
std::string_view output_of(Datum value, Oid type) {
  const pg::pinned_settings settings;
  return pg::call([=] {
    Oid function = InvalidOid;
    bool is_varlena = false;
    getTypeOutputInfo(type, &function, &is_varlena);
    return OidOutputFunctionCall(function, value);
  });
}

json::item* number_of(json::tree& in, Datum value) {
  const char* text = pg::call([=] { return DatumGetCString(DirectFunctionCall1(numeric_out, value)); });
  const bool is_number = *text != 'N' && *text != 'I' && text[1] != 'I';
  return is_number ? in.number(text) : in.string(text);
}

// A role of another encoding's database has a name that is no text, and access_grants may hold it.
json::item* text_of(json::tree& in, std::string_view text) {
  if (looks_secret(text)) return in.string(concealed);
  return in.string(is_plain_utf8(text) ? text : in.keep(repaired_utf8(text)));
}

json::item* texts_of(json::tree& in, Datum value) {
  Datum* elements = nullptr;
  bool* nulls = nullptr;
  int count = 0;
  pg::call([&, value] {
    deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
  });
  json::item* array = in.array();
  for (int n = 0; n < count; ++n)
    in.push(array, nulls[n] ? in.null() : text_of(in, pg::text_of(elements[n])));
  return array;
}

Oid base_type(Oid type) {
  return type < FirstNormalObjectId ? type : pg::call([=] { return getBaseType(type); });
}

}  // namespace

bool is_key_column(std::string_view name) noexcept {
  return std::find(key_columns.begin(), key_columns.end(), name) != key_columns.end();
}

bool is_running_note(std::string_view name) noexcept {
  return std::find(running_notes.begin(), running_notes.end(), name) != running_notes.end();
}

json::item* column_value(json::tree& in, const pg::tuple_image& row, int attribute) {
  if (row.is_null(attribute)) return in.null();
  const Datum value = row.raw(attribute);
  const Form_pg_attribute column = TupleDescAttr(row.descriptor(), attribute - 1);
  if (column->attlen == -1) {
    const std::size_t bytes = pg::size_of(value);
    if (bytes > most_value_bytes) {
      json::item* object = in.object();
      in.put(object, "bytes", in.integer(static_cast<std::int64_t>(bytes)));
      return object;
    }
  }
  switch (base_type(column->atttypid)) {
    case BOOLOID:
      return in.boolean(DatumGetBool(value));
    case INT4OID:
      return in.integer(DatumGetInt32(value));
    case INT8OID:
      return in.integer(DatumGetInt64(value));
    case OIDOID:
      return in.integer(DatumGetObjectId(value));
    case NUMERICOID:
      return number_of(in, value);
    case TEXTOID:
    case VARCHAROID:
    case BPCHAROID:
      return text_of(in, pg::text_of(value));
    case JSONBOID:
      return without_secrets(in, pg::jsonb_view(value));
    case TIMESTAMPTZOID:
      return in.string(in.keep(time_text(DatumGetTimestampTz(value))));
    case TEXTARRAYOID:
      return texts_of(in, value);
    case UUIDOID:
      return in.string(pg::call([=] { return DatumGetCString(DirectFunctionCall1(uuid_out, value)); }));
    default:
      return text_of(in, output_of(value, column->atttypid));
  }
}

std::string row_id(json::tree& in, Relation table, const pg::tuple_image& row, json::item*& parts) {
  Bitmapset* key = pg::call([=] { return RelationGetIndexAttrBitmap(table, INDEX_ATTR_BITMAP_PRIMARY_KEY); });
  const bool several = bms_membership(key) == BMS_MULTIPLE;
  parts = several ? in.object() : nullptr;
  std::string id;
  int at = -1;
  while ((at = bms_next_member(key, at)) >= 0) {
    const int attribute = at + FirstLowInvalidHeapAttributeNumber;
    json::item* value = column_value(in, row, attribute);
    if (!id.empty()) id += '/';
    const json::node seen = json::view(value);
    if (seen.is_string()) id += seen.text();
    if (seen.is_number()) id += seen.number_text();
    if (seen.is_boolean()) id += seen.truth() ? "true" : "false";
    if (several) in.append(parts, row.name_of(attribute), value);
  }
  return id;
}

}  // namespace llm_admin::audit
