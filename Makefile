# llm_admin: the product, built with PGXS for whatever pg_config is on the PATH.
#   make                 build the library and the install script
#   make install         install both
#   make installcheck    regression and isolation tests against a running server
#   make help            what else there is
# scripts/test runs everything, from the unit tests to crash tests, on a private server.

EXTENSION = llm_admin
RELEASE := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" llm_admin.control)

MODULE_big = llm_admin
SOURCES := src/module.c $(sort $(wildcard src/*.cpp src/*/*.cpp src/*/*/*.cpp))
OBJS := $(addsuffix .o,$(basename $(SOURCES)))

# The full install script is assembled from the rooms; it must stay equal to the frozen one in migrations/.
SCRIPT = llm_admin--$(RELEASE).sql
ROOMS = ledger keys providers mapping roles
SQL_PARTS := src/ledger/begin.sql \
  $(wildcard $(addsuffix /tables.sql,$(addprefix src/,$(ROOMS)))) \
  $(wildcard $(addsuffix /functions.sql,$(addprefix src/,$(ROOMS)))) \
  $(wildcard $(addsuffix /triggers.sql,$(addprefix src/,$(ROOMS)))) \
  $(wildcard $(addsuffix /views.sql,$(addprefix src/,$(ROOMS)))) \
  $(wildcard $(addsuffix /seeds.sql,$(addprefix src/,$(ROOMS)))) \
  $(wildcard $(addsuffix /comments.sql,$(addprefix src/,$(ROOMS)))) \
  src/ledger/end.sql
# A line `@include dialects/NAME.json`, alone and named from the folder of the SQL file it stands in, is replaced by
# that file: scripts/assemble.awk. So big JSON has files of its own, between $json$ and $json$ of the SQL.
ASSEMBLE = awk -v version=$(RELEASE) -f scripts/assemble.awk
INCLUDED := $(shell awk -v list=1 -f scripts/assemble.awk $(SQL_PARTS))
DATA_built = $(SCRIPT)
DATA = $(filter-out migrations/$(SCRIPT),$(sort $(wildcard migrations/*.sql)))

REGRESS = $(sort $(basename $(notdir $(wildcard sql/*.sql))))
REGRESS_OPTS = --inputdir=. --encoding=UTF8 --no-locale
ISOLATION = $(sort $(basename $(notdir $(wildcard test/isolation/specs/*.spec))))
ISOLATION_OPTS = --inputdir=test/isolation --outputdir=output_iso

WARNINGS = -Wall -Wextra -Wshadow
# PGXS's own CFLAGS carry C-only warnings; the server's headers are not ours to warn about.
PG_CPPFLAGS = -I$(srcdir)/src -DLLM_ADMIN_VERSION='"$(RELEASE)"'
PG_CFLAGS = -MMD -MP $(EXTRA_WARNINGS)
PG_CXXFLAGS = -std=c++20 -MMD -MP $(WARNINGS) -Wno-register -Wno-unused-parameter $(EXTRA_WARNINGS)
SHLIB_LINK = -lstdc++ -lcrypto -Wl,--version-script=$(srcdir)/src/exports.map
EXTRA_CLEAN = $(SCRIPT) $(OBJS:.o=.d) $(OBJS:.o=.bc) $(OBJS:.o=.bc.d) output_iso results regression.diffs regression.out

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
srcdir ?= .
include $(PGXS)

# PGXS does not hand PG_CXXFLAGS to the clang that makes bitcode.
BITCODE_CXXFLAGS += -std=c++20 -Wno-register
# Bitcode tracks headers in files of its own, or it would overwrite what the objects wrote.
BITCODE_CFLAGS += -MMD -MP -MF $@.d
BITCODE_CXXFLAGS += -MMD -MP -MF $@.d

$(OBJS): Makefile
llm_admin.so: src/exports.map
-include $(wildcard $(OBJS:.o=.d) $(OBJS:.o=.bc.d))

$(SCRIPT): $(SQL_PARTS) $(INCLUDED) scripts/assemble.awk llm_admin.control Makefile
	@$(ASSEMBLE) $(SQL_PARTS) > $@.tmp
	@mv $@.tmp $@

# Released scripts are never edited: what the rooms give now must be the frozen script of this version.
check-frozen: $(SCRIPT)
	@diff -u migrations/$(SCRIPT) $(SCRIPT)

.PHONY: help lint format check-frozen
help:
	@sed -n 's/^#   //p' Makefile
	@echo "make format          clang-format every source"
	@echo "make check-frozen    the assembled install script equals the frozen one of its version"
	@echo "make lint            clang-format and clang-tidy, without changing anything"
	@echo "scripts/quickstart   from nothing to a tour on real work"
	@echo "scripts/test         all tests; bench/run: all figures"

format:
	clang-format -i $(filter %.cpp,$(SOURCES)) $(wildcard src/*/*.hpp src/*/*/*.hpp)

lint:
	clang-format --dry-run -Werror $(filter %.cpp,$(SOURCES)) $(wildcard src/*/*.hpp src/*/*/*.hpp)
