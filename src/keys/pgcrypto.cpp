// import_pgcrypto_key and adopt_pgcrypto_keys: values of pgcrypto's pgp_sym_encrypt become envelopes.
//
// pgcrypto itself decrypts, called directly: neither the passphrase nor the key ever stands in SQL text or in
// a parameter of SQL. It runs with the caller's rights; only our own statements run with the owner's.
#include <openssl/crypto.h>

#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/keys/key_text.hpp"
#include "core/keys/openpgp.hpp"
#include "core/keys/stored_key.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/settings.hpp"
#include "pg/spi.hpp"
#include "store/all_keys.hpp"
#include "store/key_cache.hpp"

#include "core/secret_bytes.hpp"
#include "store/sealing.hpp"

extern "C" {
#include "utils/regproc.h"
}

using namespace llm_admin;

namespace {

// Members of the extension alone, and C functions alone, which only superusers make: whoever owns the
// extension can add a function of this name to it, which would be handed the passphrase.
pg::statement find_function{
    "SELECT p.oid FROM pg_catalog.pg_extension e "
    "JOIN pg_catalog.pg_depend d ON d.refclassid OPERATOR(pg_catalog.=) "
    "'pg_catalog.pg_extension'::pg_catalog.regclass "
    "AND d.refobjid OPERATOR(pg_catalog.=) e.oid AND d.deptype OPERATOR(pg_catalog.=) "
    "'e'::pg_catalog.\"char\" "
    "AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass "
    "JOIN pg_catalog.pg_proc p ON p.oid OPERATOR(pg_catalog.=) d.objid "
    "JOIN pg_catalog.pg_language l ON l.oid OPERATOR(pg_catalog.=) p.prolang "
    "WHERE e.extname OPERATOR(pg_catalog.=) 'pgcrypto'::pg_catalog.name "
    "AND p.proname OPERATOR(pg_catalog.=) 'pgp_sym_decrypt'::pg_catalog.name "
    "AND p.prokind OPERATOR(pg_catalog.=) 'f'::pg_catalog.\"char\" AND NOT p.proretset "
    "AND p.prorettype OPERATOR(pg_catalog.=) 'pg_catalog.text'::pg_catalog.regtype "
    "AND p.pronargs OPERATOR(pg_catalog.=) 2::pg_catalog.int2 "
    "AND p.proargtypes[0] OPERATOR(pg_catalog.=) 'pg_catalog.bytea'::pg_catalog.regtype "
    "AND p.proargtypes[1] OPERATOR(pg_catalog.=) 'pg_catalog.text'::pg_catalog.regtype "
    "AND l.lanname OPERATOR(pg_catalog.=) 'c'::pg_catalog.name",
    {}};
// pgcrypto's pgp_sym_decrypt(bytea, text), which the caller must be allowed to execute.
Oid decrypt_function() {
  Oid function = InvalidOid;
  {
    pg::spi sql;
    sql.run(find_function, {}, true);
    if (const auto row = sql.first()) function = DatumGetObjectId(row->raw(1, OIDOID));
  }
  if (!OidIsValid(function))
    throw error(sqlstate::undefined_object, "extension pgcrypto is not installed in this database",
                "its function pgp_sym_decrypt opens the value", "CREATE EXTENSION pgcrypto");
  if (!pg::call([=] { return pg::compat::may_execute(function, GetUserId()); }))
    throw error(sqlstate::insufficient_privilege, "permission denied for pgcrypto's function pgp_sym_decrypt",
                "",
                std::string("GRANT EXECUTE ON FUNCTION ") +
                    pg::call([=] { return format_procedure_qualified(function); }) + " TO " +
                    pg::quoted(pg::role_name(GetUserId())));
  return function;
}

// Cleanses what pgcrypto returned, also when copying it fails.
class server_text {
 public:
  explicit server_text(Datum value) : value_(value) {}
  ~server_text() {
    auto* text = reinterpret_cast<varlena*>(DatumGetPointer(value_));
    OPENSSL_cleanse(VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text));
  }
  server_text(const server_text&) = delete;
  server_text& operator=(const server_text&) = delete;
  byte_view bytes() const {
    const auto* text = reinterpret_cast<const varlena*>(DatumGetPointer(value_));
    return as_bytes({VARDATA_ANY(text), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(text))});
  }

 private:
  Datum value_;
};

struct opened_message {
  std::optional<secret_bytes> key;
  std::string reason;  // when there is none: pgcrypto's own words, which are fixed texts
};

// A refusal by pgcrypto (class 39) is an answer; every other error, a cancel above all, passes through.
opened_message open_message(Oid function, const std::vector<std::uint8_t>& message, Datum passphrase) {
  const Datum bytes = pg::make_text(as_text(message));  // text and bytea have one layout
  try {
    pg::subtransaction attempt;
    const Datum plain =
        pg::call([=] { return OidFunctionCall2Coll(function, DEFAULT_COLLATION_OID, bytes, passphrase); });
    const server_text cleansed(plain);
    secret_bytes key = secret_bytes::copy_of(cleansed.bytes());
    attempt.release();
    return {std::move(key), ""};
  } catch (const pg::error& e) {
    if (!std::string_view(e.sqlstate()).starts_with("39")) throw;
    return {std::nullopt, e.message()};
  }
}

bool is_wrong_passphrase(std::string_view reason) { return reason == "Wrong key or corrupt data"; }

bool is_waiting(std::string_view text) {
  return classify(text, pg::settings::foreign_schemes(), pg::settings::allow_stub_keys()) ==
         stored_key::openpgp;
}

// Of the row as it is under its lock. Another session may have adopted or replaced the key meanwhile.
std::string adopt(const store::stored_secret& secret, Oid function, Datum passphrase) {
  if (!is_waiting(secret.text)) return "changed meanwhile";
  if (!secret.place) return "its provider does not exist";
  const auto message = decode_openpgp(secret.text);
  const opened_message result = open_message(function, message.value(), passphrase);
  if (!result.key)
    return is_wrong_passphrase(result.reason) ? "wrong passphrase" : "unreadable: " + result.reason;
  if (const char* problem = key_problem(result.key->text())) return std::string("not a key: it ") + problem;
  store::store_key_text(secret, store::seal_for(*secret.place, result.key->span()));
  return "adopted";
}

}  // namespace

LLM_ADMIN_SCALAR(llm_admin_import_pgcrypto_key, TEXTOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const std::string_view ciphertext = in.required_text(0, "ciphertext", pg::most::key);
  in.required_text(1, "passphrase", pg::most::key);
  pg::require_primary("import_pgcrypto_key");
  const auto message = decode_openpgp(ciphertext);
  if (!message)
    throw error(sqlstate::invalid_parameter, "ciphertext is not a pgp_sym_encrypt value",
                "expected are an OpenPGP message with a passphrase's session key packet: \\x and hex, bare "
                "hex, or armor",
                "SELECT llm_admin.import_pgcrypto_key(pgp_sym_encrypt('<key>', '<passphrase>')::text, "
                "'<passphrase>'); "
                "for a plain key: SELECT llm_admin.encrypt_key('<key>')");
  const opened_message result = open_message(decrypt_function(), *message, in.raw(1, TEXTOID));
  if (!result.key)
    throw error(sqlstate::invalid_parameter,
                is_wrong_passphrase(result.reason) ? "the passphrase does not open the pgcrypto value"
                                                   : "pgcrypto cannot open the value",
                "pgcrypto says: " + result.reason,
                "SELECT llm_admin.import_pgcrypto_key('<ciphertext>', '<the passphrase it was made with>')");
  if (const char* problem = key_problem(result.key->text()))
    throw error(sqlstate::invalid_parameter, std::string("the decrypted key ") + problem, "",
                "SELECT llm_admin.encrypt_key('<the key alone>')");
  return pg::make_text(store::seal_unbound(result.key->span(), ""));
}

// Each row has an outcome of its own: rows under another passphrase stay as they are and are named, so that a
// second call with that passphrase finishes the work; so do rows that another transaction holds, for which
// nothing waits. Whatever else fails takes the whole statement back.
LLM_ADMIN_FUNCTION(llm_admin_adopt_pgcrypto_keys)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  in.required_text(0, "passphrase", pg::most::key);
  pg::require_primary("adopt_pgcrypto_keys");
  pg::row_set result(fcinfo);
  store::key_cache::lock_for_sealing();  // before any row's
  Oid function = InvalidOid;
  store::each_stored_key(std::nullopt, [&](const store::stored_secret& seen) {
    if (!is_waiting(seen.text)) return;
    if (!OidIsValid(function)) function = decrypt_function();
    std::string outcome = "in use by another transaction: call again";
    const auto visited = store::with_locked_key(seen.holder, seen.name, [&](const store::stored_secret& now) {
      outcome = adopt(now, function, in.raw(0, TEXTOID));
    });
    if (visited == store::visited::gone) return;
    pg::row_builder out;
    out.add_text(seen.label()).add_text(outcome);
    result.add(out);
  });
  return Datum{0};
}
