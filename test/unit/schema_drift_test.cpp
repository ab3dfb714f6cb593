// What of an installation is not as it was made: found, explained, mended.
#include "core/schema/drift.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace llm_admin::schema {
namespace {

object table_of(const std::string& name) {
  const std::size_t dot = name.find('.');
  return {"table", name, "", name.substr(dot + 1), "persistence: p\nrow security: t\nforced row security: f",
          true};
}
object part(const std::string& kind, const std::string& identifier, const std::string& definition) {
  return {kind, identifier + " on llm_admin.t", "llm_admin.t", identifier, definition, true};
}
object function_of(const std::string& name, const std::string& source = "sym") {
  const std::size_t dot = name.find('.');
  return {
      "function", name, "", name.substr(dot + 1, name.find('(') - dot - 1), "language: c\nsource: " + source,
      true};
}

class drift : public ::testing::Test {
 protected:
  drift() {
    add(table_of("llm_admin.t"), "CREATE TABLE llm_admin.t ()");
    add(part("column", "a",
             "type: text\ncollation: \nnot null: t\ndefault: 'x'::text\nidentity: \ngenerated: \nstatistics: "
             "-1"),
        "ALTER TABLE llm_admin.t ADD COLUMN a text");
    add(part("constraint", "c", "definition: CHECK ((a <> ''))\nvalidated: t"),
        "ALTER TABLE llm_admin.t ADD CONSTRAINT c CHECK ((a <> ''))");
    add(part("index", "i", "definition: CREATE INDEX ON llm_admin.t USING btree (a)\nvalid: t"),
        "CREATE INDEX i ON llm_admin.t USING btree (a)");
    add(function_of("llm_admin.f(text)"), "CREATE OR REPLACE FUNCTION f");
    add(part("trigger", "g", "definition: CREATE TRIGGER BEFORE INSERT\nenabled: A"),
        "CREATE TRIGGER g; ALTER TABLE llm_admin.t ENABLE ALWAYS TRIGGER g");
    add(part("policy", "p", "command: *\npermissive: t\nroles: {-}\nusing: (a = 'x')\ncheck: "),
        "CREATE POLICY p");
    add({"comment", "table llm_admin.t", "", "", "text: the table", true},
        "COMMENT ON TABLE llm_admin.t IS 'the table'");
    for (const expected& e : reference_) found_.push_back(e.is);
  }
  void add(object is, std::string statement) {
    reference_.push_back({std::move(is), std::move(statement), {}});
  }
  object& of(const std::string& kind) {
    for (object& o : found_)
      if (o.kind == kind) return o;
    throw std::runtime_error(kind);
  }
  void remove(const std::string& kind) {
    std::erase_if(found_, [&](const object& o) { return o.kind == kind; });
  }
  // "kind object verdict: detail => statement", a line a finding.
  std::string told() const {
    std::string text;
    for (const finding& f : compare(reference_, found_))
      text += f.kind + ' ' + f.object + ' ' + f.verdict + ": " + f.detail + " => " + f.statement + '\n';
    return text;
  }
  void changed(const std::string& kind, const std::string& from, const std::string& to) {
    std::string& d = of(kind).definition;
    const std::size_t at = d.find(from);
    ASSERT_NE(at, std::string::npos);
    d.replace(at, from.size(), to);
  }

  std::vector<expected> reference_;
  std::vector<object> found_;
};

TEST_F(drift, nothing_is_said_of_what_is_as_it_was_made) { EXPECT_EQ(told(), ""); }

TEST_F(drift, other_spellings_count_as_right) {
  changed("constraint", "((a <> ''))", "(((a)::text <> ''))");
  EXPECT_NE(told(), "");
  reference_[2].also_right.push_back(of("constraint").definition);
  EXPECT_EQ(told(), "");
}

TEST_F(drift, what_is_missing_is_made) {
  remove("index");
  EXPECT_EQ(told(),
            "index i on llm_admin.t error: it is missing => CREATE INDEX i ON llm_admin.t USING btree (a)\n");
}

TEST_F(drift, a_missing_table_is_told_once) {
  found_.clear();
  found_.push_back(function_of("llm_admin.f(text)"));
  EXPECT_EQ(told(),
            "table llm_admin.t error: it is missing => CREATE TABLE llm_admin.t (); REVOKE ALL ON TABLE "
            "llm_admin.t FROM PUBLIC; ALTER EXTENSION llm_admin ADD TABLE llm_admin.t; COMMENT ON TABLE "
            "llm_admin.t IS 'the table'\n");
}

TEST_F(drift, a_missing_function_is_nobody_s_but_the_owner_s) {
  remove("function");
  EXPECT_EQ(told(),
            "function llm_admin.f(text) error: it is missing => CREATE OR REPLACE FUNCTION f; REVOKE ALL ON "
            "FUNCTION "
            "llm_admin.f(text) FROM PUBLIC; ALTER EXTENSION llm_admin ADD FUNCTION llm_admin.f(text)\n");
}

TEST_F(drift, what_a_stranger_made_under_its_name_is_not_taken_for_it) {
  of("table").member = false;
  of("table").stranger = "mallory";
  changed("column", "text", "mallory.type");
  EXPECT_EQ(told(),
            "table llm_admin.t error: something else stands under its name, and belongs to mallory => ALTER "
            "TABLE llm_admin.t RENAME TO t_other\n");
  EXPECT_EQ(compare(reference_, found_).front().stranger, "");
}

TEST_F(drift, what_is_told_of_a_stranger_s_table_names_the_stranger) {
  of("table").stranger = "mallory";
  changed("constraint", "a <> ''", "planted.f(a)");
  found_.push_back(part("trigger", "h", "definition: CREATE TRIGGER AFTER INSERT\nenabled: O"));
  changed("function", "sym", "other");
  for (const finding& one : compare(reference_, found_)) {
    EXPECT_EQ(one.stranger, one.kind == "function" ? "" : "mallory") << one.object;
    EXPECT_EQ(one.thing, one.kind == "function" ? "" : "llm_admin.t") << one.object;
  }
}

TEST_F(drift, casts_of_types_that_are_not_the_server_s_do_not_run) {
  changed("column", "type: text", "type: planted.word");
  EXPECT_EQ(told(), "column a on llm_admin.t error: type is planted.word, was made text => \n");
}

TEST_F(drift, a_child_table_is_taken_off) {
  found_.push_back({"child", "public.c on llm_admin.t", "llm_admin.t", "public.c", "", true});
  EXPECT_EQ(
      told(),
      "child public.c on llm_admin.t error: its rows are read with this table's, and nothing checks them "
      "=> ALTER TABLE public.c NO INHERIT llm_admin.t\n");
}

TEST_F(drift, a_sequence_is_told_all_anew) {
  const std::string definition =
      "type: integer\nstart: 1\nincrement: 1\nminimum: 1\nmaximum: 9\ncache: 1\ncycle: f\nowned by: "
      "llm_admin.t.a";
  add({"sequence", "llm_admin.s", "", "s", definition, true}, "CREATE SEQUENCE llm_admin.s");
  found_.push_back(reference_.back().is);
  changed("sequence", "owned by: llm_admin.t.a", "owned by: ");
  EXPECT_EQ(told(),
            "sequence llm_admin.s error: owned by is nothing, was made llm_admin.t.a => ALTER SEQUENCE "
            "llm_admin.s AS "
            "integer START 1 INCREMENT 1 MINVALUE 1 MAXVALUE 9 CACHE 1 NO CYCLE OWNED BY llm_admin.t.a\n");
}

TEST_F(drift, a_moved_table_is_found_and_its_parts_with_it) {
  for (object& o : found_) {
    if (o.kind == "table") o.name = "other.t";
    if (o.table == "llm_admin.t") {
      o.table = "other.t";
      o.name = o.identifier + " on other.t";
    }
  }
  remove("comment");
  EXPECT_EQ(told(),
            "table llm_admin.t error: it is other.t now => ALTER TABLE other.t SET SCHEMA llm_admin\n");
}

TEST_F(drift, what_was_renamed_is_renamed_back) {
  of("trigger") = part("trigger", "g2", of("trigger").definition);
  of("index") = part("index", "\"I 2\"", of("index").definition);
  of("function") = function_of("llm_admin.f2(text)");
  EXPECT_EQ(told(),
            "index i on llm_admin.t error: it is \"I 2\" on llm_admin.t now => ALTER INDEX llm_admin.\"I 2\" "
            "RENAME TO i\n"
            "function llm_admin.f(text) error: it is llm_admin.f2(text) now => ALTER FUNCTION "
            "llm_admin.f2(text) RENAME TO f\n"
            "trigger g on llm_admin.t error: it is g2 on llm_admin.t now => ALTER TRIGGER g2 ON llm_admin.t "
            "RENAME TO g\n");
}

TEST_F(drift, what_differs_says_how_and_what_mends_it) {
  changed("table", "row security: t", "row security: f");
  changed("column", "not null: t", "not null: f");
  changed("column", "default: 'x'::text", "default: ");
  changed("constraint", "validated: t", "validated: f");
  changed("index", "valid: t", "valid: f");
  changed("function", "source: sym", "source: other");
  changed("trigger", "enabled: A", "enabled: O");
  changed("policy", "using: (a = 'x')", "using: true");
  changed("comment", "text: the table", "text: mine");
  EXPECT_EQ(
      told(),
      "table llm_admin.t error: row security is off, was made on => ALTER TABLE llm_admin.t ENABLE ROW LEVEL "
      "SECURITY\n"
      "column a on llm_admin.t error: not null is off, was made on; default is nothing, was made 'x'::text "
      "=> "
      "ALTER TABLE llm_admin.t ALTER COLUMN a SET DEFAULT 'x'::text; ALTER TABLE llm_admin.t ALTER COLUMN a "
      "SET NOT NULL\n"
      "constraint c on llm_admin.t error: validated is off, was made on => ALTER TABLE llm_admin.t VALIDATE "
      "CONSTRAINT c\n"
      "index i on llm_admin.t error: valid is off, was made on => REINDEX INDEX llm_admin.i\n"
      "function llm_admin.f(text) error: source is other, was made sym => CREATE OR REPLACE FUNCTION f\n"
      "trigger g on llm_admin.t error: it is on, but not for replicas, was made always on => ALTER TABLE "
      "llm_admin.t ENABLE ALWAYS "
      "TRIGGER g\n"
      "policy p on llm_admin.t error: using is true, was made (a = 'x') => DROP POLICY p ON llm_admin.t; "
      "CREATE POLICY p\n"
      "comment table llm_admin.t error: text is mine, was made the table => COMMENT ON TABLE llm_admin.t IS "
      "'the table'\n");
}

TEST_F(drift, what_left_the_extension_is_added_again) {
  of("function").member = false;
  EXPECT_EQ(told(),
            "function llm_admin.f(text) error: it no longer belongs to the extension => "
            "ALTER EXTENSION llm_admin ADD FUNCTION llm_admin.f(text)\n");
}

TEST_F(drift, a_further_permissive_policy_is_an_error_and_a_restrictive_one_the_user_s) {
  found_.push_back(part("policy", "support", "command: r\npermissive: t\nroles: {-}\nusing: true\ncheck: "));
  found_.push_back(part("policy", "strict", "command: r\npermissive: f\nroles: {-}\nusing: true\ncheck: "));
  EXPECT_EQ(told(),
            "policy support on llm_admin.t error: it lets roles see more than the policies that ship => "
            "DROP POLICY support ON llm_admin.t\n"
            "policy strict on llm_admin.t yours: dumps do not hold it => \n");
}

TEST_F(drift, a_rule_that_takes_a_statement_s_place_is_an_error_and_one_that_adds_to_it_the_user_s) {
  const std::string rule = "definition: CREATE RULE x AS\n     ON DELETE TO llm_admin.t DO ";
  found_.push_back(part("rule", "quiet", rule + "INSTEAD NOTHING;\nenabled: O"));
  found_.push_back(part("rule", "more", rule + "NOTIFY gone;\nenabled: O"));
  EXPECT_EQ(told(),
            "rule quiet on llm_admin.t error: what it does takes the place of the statement, which does not "
            "run => DROP RULE quiet ON llm_admin.t\n"
            "rule more on llm_admin.t yours: dumps do not hold it => \n");
}

TEST_F(drift, settings_that_stop_writes_are_errors_and_others_the_user_s) {
  found_.push_back({"setting", "replica identity on llm_admin.t", "llm_admin.t", "", "value: n", true});
  found_.push_back({"setting", "storage of column a on llm_admin.t", "llm_admin.t", "a", "value: p", true});
  found_.push_back({"setting", "storage of column b on llm_admin.t", "llm_admin.t", "b", "value: e", true});
  EXPECT_EQ(told(),
            "setting replica identity on llm_admin.t error: UPDATE and DELETE fail while a publication holds "
            "the table => ALTER TABLE llm_admin.t REPLICA IDENTITY DEFAULT\n"
            "setting storage of column a on llm_admin.t error: a row with a long value cannot be stored: the "
            "server may not move it out of the row => ALTER TABLE llm_admin.t ALTER COLUMN a SET STORAGE "
            "EXTENDED\n"
            "setting storage of column b on llm_admin.t yours: dumps do not hold it => \n");
}

TEST_F(drift, what_is_there_besides_is_the_user_s) {
  found_.push_back(part("column", "cost_center", "type: text\n"));
  found_.push_back(part("index", "mine", "definition: CREATE INDEX ON llm_admin.t (b)\nvalid: t"));
  object own = table_of("llm_admin.own");
  own.member = false;
  found_.push_back(own);
  found_.push_back({"column", "x on llm_admin.own", "llm_admin.own", "x", "type: text\n", false});
  EXPECT_EQ(told(),
            "column cost_center on llm_admin.t yours: dumps hold its values but do not make it: a dump "
            "cannot be loaded "
            "while it is there => \n"
            "index mine on llm_admin.t yours: dumps do not hold it => \n"
            "table llm_admin.own yours: it stands in the extension's schema; a later version may need its "
            "name => \n");
}

TEST(schema_reference, lines_go_to_and_fro) {
  const object is{"function", "llm_admin.f(text)", "", "f", "body: BEGIN\n  x\\y\tz", true};
  const std::string text =
      "# head\n" + reference_line("15,17", is, "CREATE ...\n;") + reference_line("18", is, "other");
  const auto on_17 = reference(text, 17);
  ASSERT_EQ(on_17.size(), 1u);
  EXPECT_EQ(on_17[0].is.definition, is.definition);
  EXPECT_EQ(on_17[0].statement, "CREATE ...\n;");
  EXPECT_EQ(reference(text, 18)[0].statement, "other");
  EXPECT_TRUE(reference(text, 1).empty());
  EXPECT_TRUE(reference(text, 16).empty());
  EXPECT_THROW((void)reference("15\ttable\tx\n", 15), error);
}

TEST(schema_reference, values_of_several_lines) {
  const std::string definition = "language: sql\nbody: BEGIN ATOMIC\n  SELECT 1;\n END\nkind: f";
  EXPECT_EQ(value_of(definition, "body"), "BEGIN ATOMIC\n SELECT 1;\nEND");
  EXPECT_EQ(value_of(definition, "kind"), "f");
  EXPECT_EQ(value_of(definition, "nothing"), "");
}

TEST_F(drift, what_refers_to_a_renamed_table_is_not_told) {
  for (object& o : found_) {
    if (o.kind == "table") o.identifier = "u";
    if (!o.table.empty()) o.table = "llm_admin.u";
    for (std::string* text : {&o.name, &o.definition})
      if (const std::size_t at = text->find("llm_admin.t"); at != std::string::npos)
        text->replace(at, 11, "llm_admin.u");
  }
  changed("function", "source: sym", "source: SELECT FROM llm_admin.u");
  for (expected& e : reference_)
    if (e.is.kind == "function") e.is.definition = "language: c\nsource: SELECT FROM llm_admin.t";
  EXPECT_EQ(told(),
            "table llm_admin.t error: it is llm_admin.u now => ALTER TABLE llm_admin.u RENAME TO t\n");
}

TEST_F(drift, a_dump_filter_is_set_anew) {
  add({"dump filter", "llm_admin.t", "", "", "condition: WHERE a <> 'x'", true}, "");
  found_.push_back(reference_.back().is);
  EXPECT_EQ(told(), "");
  changed("dump filter", "WHERE a <> 'x'", "");
  EXPECT_NE(
      told().find("extcondition[pg_catalog.array_position(extconfig, 'llm_admin.t'::pg_catalog.regclass::"
                  "pg_catalog.oid)] = 'WHERE a <> ''x''' WHERE extname = 'llm_admin'"),
      std::string::npos);
  remove("dump filter");
  EXPECT_NE(told().find("pg_catalog.array_append(extcondition, 'WHERE a <> ''x''')"), std::string::npos);
}

}  // namespace
}  // namespace llm_admin::schema
