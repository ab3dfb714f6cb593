#include "pg/tuple.hpp"

#include <cstring>

#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/jsonb.hpp"

namespace llm_admin::pg {

static_assert(sizeof(bool) == sizeof(char), "null flags are handed to the server as bool arrays");

tuple_image::tuple_image(HeapTuple tuple, TupleDesc desc)
    : tuple_(tuple),
      desc_(desc),
      values_(static_cast<std::size_t>(desc->natts)),
      nulls_(static_cast<std::size_t>(desc->natts)) {
  Datum* values = values_.data();
  auto* nulls = reinterpret_cast<bool*>(nulls_.data());
  call([=] { heap_deform_tuple(tuple, desc, values, nulls); });
}

std::string_view tuple_image::name_of(int attribute) const noexcept {
  return NameStr(compat::attribute(desc_, attribute - 1)->attname);
}

bool tuple_image::is_dropped(int attribute) const noexcept {
  return compat::attribute(desc_, attribute - 1)->attisdropped;
}

int tuple_image::column(std::string_view name) const {
  for (int i = 1; i <= desc_->natts; ++i)
    if (!is_dropped(i) && name_of(i) == name) return i;
  throw llm_admin::error(sqlstate::undefined_object, "column " + std::string(name) + " is missing",
                         "the table was changed by hand", "ALTER EXTENSION llm_admin UPDATE");
}

std::string_view tuple_image::text(std::string_view name) const { return maybe_text(name).value_or(""); }

std::optional<std::string_view> tuple_image::maybe_text(std::string_view name) const {
  const int n = column(name);
  if (is_null(n)) return std::nullopt;
  return text_of(raw(n));
}

bool tuple_image::boolean(std::string_view name) const {
  const int n = column(name);
  return !is_null(n) && DatumGetBool(raw(n));
}

std::optional<int> tuple_image::integer(std::string_view name) const {
  const int n = column(name);
  if (is_null(n)) return std::nullopt;
  return DatumGetInt32(raw(n));
}

json::node tuple_image::jsonb(std::string_view name) const {
  const int n = column(name);
  return is_null(n) ? json::node{} : jsonb_view(raw(n));
}

bool tuple_image::same(const tuple_image& other, int attribute) const {
  if (is_null(attribute) != other.is_null(attribute)) return false;
  if (is_null(attribute)) return true;
  const Form_pg_attribute type = compat::attribute(desc_, attribute - 1);
  if (type->attbyval) return raw(attribute) == other.raw(attribute);
  if (type->attlen == -1) {
    // A value that was not touched is the same bytes, compressed or toasted as it is.
    const auto* a = DatumGetPointer(raw(attribute));
    const auto* b = DatumGetPointer(other.raw(attribute));
    if (VARSIZE_ANY(a) == VARSIZE_ANY(b) && std::memcmp(a, b, VARSIZE_ANY(a)) == 0) return true;
  }
  if (type->attlen == -1) return text_of(raw(attribute)) == text_of(other.raw(attribute));
  return std::memcmp(DatumGetPointer(raw(attribute)), DatumGetPointer(other.raw(attribute)),
                     static_cast<std::size_t>(type->attlen)) == 0;
}

tuple_changes::tuple_changes(const tuple_image& base)
    : base_(base),
      values_(static_cast<std::size_t>(base.columns())),
      nulls_(static_cast<std::size_t>(base.columns())),
      replace_(static_cast<std::size_t>(base.columns())) {}

void tuple_changes::set(std::string_view column, Datum value) {
  const auto n = static_cast<std::size_t>(base_.column(column) - 1);
  values_[n] = value;
  nulls_[n] = 0;
  replace_[n] = 1;
  any_ = true;
}

void tuple_changes::set_text(std::string_view column, std::string_view value) {
  set(column, make_text(value));
}

void tuple_changes::set_null(std::string_view column) {
  const auto n = static_cast<std::size_t>(base_.column(column) - 1);
  nulls_[n] = 1;
  replace_[n] = 1;
  any_ = true;
}

HeapTuple tuple_changes::apply() const {
  const HeapTuple tuple = base_.tuple();
  const TupleDesc desc = base_.descriptor();
  Datum* values = const_cast<Datum*>(values_.data());
  auto* nulls = reinterpret_cast<bool*>(const_cast<char*>(nulls_.data()));
  auto* replace = reinterpret_cast<bool*>(const_cast<char*>(replace_.data()));
  return call([=] { return heap_modify_tuple(tuple, desc, values, nulls, replace); });
}

}  // namespace llm_admin::pg
