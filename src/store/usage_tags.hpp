// Under which value a tag of a call is booked: the roll-up adds to it, and reprice() finds it again.
#pragma once

// Of t (key, value). A value that no index takes is booked by its beginning: with the tenant and the tag it stays below
// a third of a page.
#define LLM_ADMIN_TAG_VALUE                                                                               \
  "CASE WHEN pg_catalog.octet_length(t.value) OPERATOR(pg_catalog.>) 1024 THEN pg_catalog.left(t.value, " \
  "200) "                                                                                                 \
  "ELSE t.value END"
