#include "pg/jsonb.hpp"

namespace llm_admin::pg {

namespace {

// Everything below runs inside one guarded call: plain data only, any line may longjmp.

void write_node(JsonbParseState** state, JsonbIteratorToken token, const json::node& n, JsonbValue** result);
void write_item(JsonbParseState** state, JsonbIteratorToken token, const json::item* value,
                JsonbValue** result);

Numeric numeric_of(std::string_view decimal_text) {
  char* text = pnstrdup(decimal_text.data(), decimal_text.size());
  const Datum value =
      DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
  pfree(text);
  return DatumGetNumeric(value);
}

void set_string(JsonbValue* v, std::string_view text) {
  v->type = jbvString;
  v->val.string.val = const_cast<char*>(text.data());
  v->val.string.len = static_cast<int>(text.size());
}

void push(JsonbParseState** state, JsonbIteratorToken token, JsonbValue* v, JsonbValue** result) {
  *result = pushJsonbValue(state, token, v);
}

// A scalar at the root stands in a pseudo array, as the server's own JSON parser does it.
void push_scalar(JsonbParseState** state, JsonbIteratorToken token, JsonbValue* v, JsonbValue** result) {
  if (*state != nullptr) {
    push(state, token, v, result);
    return;
  }
  JsonbValue array;
  array.type = jbvArray;
  array.val.array.nElems = 1;
  array.val.array.rawScalar = true;
  push(state, WJB_BEGIN_ARRAY, &array, result);
  push(state, WJB_ELEM, v, result);
  push(state, WJB_END_ARRAY, nullptr, result);
}

void write_item(JsonbParseState** state, JsonbIteratorToken token, const json::item* value,
                JsonbValue** result) {
  check_stack_depth();
  if (value->borrowed.type != json::kind::absent) {
    write_node(state, token, value->borrowed, result);
    return;
  }
  JsonbValue v;
  switch (value->type) {
    case json::kind::object:
      push(state, WJB_BEGIN_OBJECT, nullptr, result);
      for (const json::item* child = value->first; child != nullptr; child = child->next) {
        set_string(&v, child->key);
        push(state, WJB_KEY, &v, result);
        write_item(state, WJB_VALUE, child, result);
      }
      push(state, WJB_END_OBJECT, nullptr, result);
      return;
    case json::kind::array:
      push(state, WJB_BEGIN_ARRAY, nullptr, result);
      for (const json::item* child = value->first; child != nullptr; child = child->next)
        write_item(state, WJB_ELEM, child, result);
      push(state, WJB_END_ARRAY, nullptr, result);
      return;
    case json::kind::string:
      set_string(&v, value->text);
      break;
    case json::kind::number:
      v.type = jbvNumeric;
      v.val.numeric = numeric_of(value->text);
      break;
    case json::kind::boolean:
      v.type = jbvBool;
      v.val.boolean = value->truth;
      break;
    default:
      v.type = jbvNull;
      break;
  }
  push_scalar(state, token, &v, result);
}

// Borrowed values: jsonb containers whole, items of another tree by recursion, scalars in place.
void write_node(JsonbParseState** state, JsonbIteratorToken token, const json::node& n, JsonbValue** result) {
  if (const json::item* ours = json::item_of(n)) {
    write_item(state, token, ours, result);
    return;
  }
  JsonbValue v;
  switch (n.type) {
    case json::kind::object:
    case json::kind::array: {
      auto* container = reinterpret_cast<JsonbContainer*>(const_cast<char*>(n.data));
      if (*state != nullptr) {
        v.type = jbvBinary;
        v.val.binary.data = container;
        v.val.binary.len = 0;  // unread: pushJsonbValue iterates over the container itself
        push(state, token, &v, result);
        return;
      }
      JsonbIterator* it = JsonbIteratorInit(container);
      JsonbIteratorToken step;
      while ((step = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
        push(state, step, step < WJB_BEGIN_ARRAY ? &v : nullptr, result);
      return;
    }
    case json::kind::string:
      set_string(&v, n.text());
      break;
    case json::kind::number:
      v.type = jbvNumeric;
      v.val.numeric = reinterpret_cast<Numeric>(const_cast<char*>(n.data));
      break;
    case json::kind::boolean:
      v.type = jbvBool;
      v.val.boolean = n.truth();
      break;
    default:
      v.type = jbvNull;
      break;
  }
  push_scalar(state, token, &v, result);
}

}  // namespace

Datum make_jsonb(const json::item* value) {
  return call([&] {
    JsonbParseState* state = nullptr;
    JsonbValue* result = nullptr;
    write_item(&state, WJB_ELEM, value, &result);
    return JsonbPGetDatum(JsonbValueToJsonb(result));
  });
}

}  // namespace llm_admin::pg
