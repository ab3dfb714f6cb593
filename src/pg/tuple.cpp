#include "pg/tuple.hpp"

#include <cstring>

#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/jsonb.hpp"

namespace llm_admin::pg {

static_assert(sizeof(bool) == sizeof(char), "null flags are handed to the server as bool arrays");

tuple_image::tuple_image(HeapTuple tuple, TupleDesc desc, Oid relation, const char* name)
    : tuple_(tuple),
      desc_(desc),
      relation_(relation),
      table_(name),
      values_(static_cast<std::size_t>(desc->natts)),
      nulls_(static_cast<std::size_t>(desc->natts)) {
  Datum* values = values_.data();
  auto* nulls = reinterpret_cast<bool*>(nulls_.data());
  call([=] { heap_deform_tuple(tuple, desc, values, nulls); });
}

std::string_view tuple_image::name_of(int attribute) const noexcept {
  return NameStr(TupleDescAttr(desc_, attribute - 1)->attname);
}

bool tuple_image::is_dropped(int attribute) const noexcept {
  return TupleDescAttr(desc_, attribute - 1)->attisdropped;
}

int tuple_image::column(std::string_view name) const {
  for (int i = 1; i <= desc_->natts; ++i)
    if (!is_dropped(i) && name_of(i) == name) return i;
  refuse(name, InvalidOid);
}

Oid tuple_image::type_of(int attribute) const noexcept {
  return TupleDescAttr(desc_, attribute - 1)->atttypid;
}

int tuple_image::column_of_type(std::string_view name, Oid type) const {
  const int n = column(name);
  if (!fits(type_of(n), type)) refuse(name, type);
  return n;
}

void tuple_image::refuse(std::string_view name, Oid type) const {
  if (detail::explain_column != nullptr) detail::explain_column(relation_, name, type);
  throw llm_admin::error(sqlstate::internal_error, "column " + std::string(name) + " of " + table_ +
                                                       " is not of type " + type_name(type));
}

typed_datum tuple_image::value(std::string_view name) const {
  const int n = column(name);
  return is_null(n) ? typed_datum{0, InvalidOid} : typed_datum{raw(n), type_of(n)};
}

std::string_view tuple_image::text(std::string_view name) const { return maybe_text(name).value_or(""); }

std::optional<std::string_view> tuple_image::maybe_text(std::string_view name) const {
  const int n = column_of_type(name, TEXTOID);
  if (is_null(n)) return std::nullopt;
  return text_of(raw(n));
}

bool tuple_image::boolean(std::string_view name) const {
  const int n = column_of_type(name, BOOLOID);
  return !is_null(n) && DatumGetBool(raw(n));
}

std::optional<int> tuple_image::integer(std::string_view name) const {
  const int n = column_of_type(name, INT4OID);
  if (is_null(n)) return std::nullopt;
  return DatumGetInt32(raw(n));
}

json::node tuple_image::jsonb(std::string_view name) const {
  const int n = column_of_type(name, JSONBOID);
  return is_null(n) ? json::node{} : jsonb_view(raw(n));
}

bool tuple_image::same(const tuple_image& other, int attribute) const {
  if (is_null(attribute) != other.is_null(attribute)) return false;
  if (is_null(attribute)) return true;
  const Form_pg_attribute type = TupleDescAttr(desc_, attribute - 1);
  if (type->attbyval) return raw(attribute) == other.raw(attribute);
  if (type->attlen == -1) {
    // A value that was not touched is the same bytes, compressed or toasted as it is.
    const auto* a = DatumGetPointer(raw(attribute));
    const auto* b = DatumGetPointer(other.raw(attribute));
    if (VARSIZE_ANY(a) == VARSIZE_ANY(b) && std::memcmp(a, b, VARSIZE_ANY(a)) == 0) return true;
  }
  if (type->attlen == -1 && size_of(raw(attribute)) != size_of(other.raw(attribute))) return false;
  if (type->attlen == -1) return text_of(raw(attribute)) == text_of(other.raw(attribute));
  return std::memcmp(DatumGetPointer(raw(attribute)), DatumGetPointer(other.raw(attribute)),
                     static_cast<std::size_t>(type->attlen)) == 0;
}

void tuple_image::require_size(std::string_view name, std::size_t most, const tuple_image* before) const {
  int n = 0;
  for (int i = 1; i <= columns() && n == 0; ++i)
    if (!is_dropped(i) && name_of(i) == name) n = i;
  if (n == 0 || is_null(n) || TupleDescAttr(desc_, n - 1)->attlen != -1) return;
  const std::size_t size = size_of(raw(n));
  if (size <= most || (before != nullptr && !before->is_null(n) && size_of(before->raw(n)) == size)) return;
  throw llm_admin::error(sqlstate::config_invalid,
                         std::string(name) + " is longer than " + std::to_string(most) + " bytes",
                         "it has " + std::to_string(size) + " bytes; nothing was stored");
}

tuple_changes::tuple_changes(const tuple_image& base)
    : base_(base),
      values_(static_cast<std::size_t>(base.columns())),
      nulls_(static_cast<std::size_t>(base.columns())),
      replace_(static_cast<std::size_t>(base.columns())) {}

void tuple_changes::set(std::string_view column, Datum value, Oid type) {
  if (!OidIsValid(type)) return set_null(column);
  const int attribute = base_.column_of_type(column, type);
  const Oid domain = base_.type_of(attribute);
  // What a trigger puts into a row, the server does not check against a domain.
  if (domain != type && !is_text_type(domain))
    call([=] { domain_check(value, false, domain, nullptr, nullptr); });
  const auto n = static_cast<std::size_t>(attribute - 1);
  values_[n] = value;
  nulls_[n] = 0;
  replace_[n] = 1;
  any_ = true;
}

void tuple_changes::set_text(std::string_view column, std::string_view value) {
  set(column, make_text(value), TEXTOID);
}

void tuple_changes::set_null(std::string_view column) {
  const auto n = static_cast<std::size_t>(base_.column(column) - 1);
  nulls_[n] = 1;
  replace_[n] = 1;
  any_ = true;
}

void tuple_changes::require_values() const {
  for (int n = 1; n <= base_.columns(); ++n) {
    const auto at = static_cast<std::size_t>(n - 1);
    const bool null = replace_[at] != 0 ? nulls_[at] != 0 : base_.is_null(n);
    if (null && !base_.is_dropped(n) && TupleDescAttr(base_.descriptor(), n - 1)->attnotnull)
      throw llm_admin::error(sqlstate::not_null_violation,
                             "null value in column \"" + std::string(base_.name_of(n)) + "\" of relation \"" +
                                 base_.table_ + "\" violates not-null constraint");
  }
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
