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
# What ships as data is embedded: the files of src/shipped, as one generated source.
SHIPPED := $(sort $(wildcard src/shipped/*.* src/shipped/*/*.*))
EMBEDDED = build/embedded/shipped_files.cpp
OBJS := $(addsuffix .o,$(basename $(SOURCES) $(EMBEDDED)))

# The full install script is assembled from the rooms. The steps to and from this version are too, of templates
# migrations/*.sql.in, while it is being made: what a step and the rooms both need is written once. `make freeze` keeps
# all of them in migrations/; frozen steps are installed as they are, and must stay equal to the assembled ones.
SCRIPT = llm_admin--$(RELEASE).sql
ROOMS = ledger keys providers mapping tenants roles
SQL_PARTS := src/ledger/begin.sql \
  $(wildcard $(addsuffix /tables.sql,$(addprefix src/,$(ROOMS)))) \
  $(wildcard $(addsuffix /functions.sql,$(addprefix src/,$(ROOMS)))) \
  $(wildcard $(addsuffix /triggers.sql,$(addprefix src/,$(ROOMS)))) \
  $(wildcard $(addsuffix /views.sql,$(addprefix src/,$(ROOMS)))) \
  $(wildcard $(addsuffix /seeds.sql,$(addprefix src/,$(ROOMS)))) \
  $(wildcard $(addsuffix /comments.sql,$(addprefix src/,$(ROOMS)))) \
  src/ledger/end.sql
# A line `@include NAME`, alone and named from the folder of the file it stands in, is replaced by that file:
# scripts/assemble.awk.
ASSEMBLE = awk -v version=$(RELEASE) -f scripts/assemble.awk
STEPS = $(patsubst migrations/%.in,%,$(sort \
  $(wildcard migrations/llm_admin--*--$(RELEASE).sql.in migrations/llm_admin--$(RELEASE)--*.sql.in)))
FROZEN = $(sort $(wildcard migrations/*.sql))
DATA_built = $(SCRIPT) $(filter-out $(notdir $(FROZEN)),$(STEPS))
DATA = $(filter-out migrations/$(SCRIPT),$(FROZEN))

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
EXTRA_CLEAN = $(EMBEDDED) $(SCRIPT) $(STEPS) $(OBJS:.o=.d) $(PRECOMPILED) $(PRECOMPILED:=.d) output_iso results regression.diffs regression.out

# What nearly every source reads is parsed once, for the core and for what stands above it: two fifths of the processor
# time of a build (bench/build). Whoever builds through ccache says PRECOMPILE=no: it does not cache such compilations.
PRECOMPILE ?= yes
PRECOMPILED = src/core/precompiled.h.gch src/precompiled.h.gch

# No bitcode: every function that SQL calls is noinline, so the JIT could never use it, and it doubles the build.
override with_llvm := no

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
srcdir ?= .
include $(PGXS)

$(OBJS): Makefile

ifeq ($(PRECOMPILE),yes)
# g++ and clang++ both take NAME.gch for `-include NAME`. What g++ reads from it counts as ours and no more as the
# system's, so it warns of overflows inside std::string that are none.
WITHOUT_FALSE_ALARM = $(if $(findstring clang,$(CXX)),,-Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -Wno-restrict)
CORE_OBJS = $(filter src/core/% build/%,$(OBJS))
UPPER_OBJS = $(filter-out src/module.o $(CORE_OBJS),$(OBJS))
$(CORE_OBJS): src/core/precompiled.h.gch
$(CORE_OBJS): private override CXXFLAGS += -include src/core/precompiled.h $(WITHOUT_FALSE_ALARM)
$(UPPER_OBJS): src/precompiled.h.gch
$(UPPER_OBJS): private override CXXFLAGS += -include src/precompiled.h $(WITHOUT_FALSE_ALARM)
$(PRECOMPILED): %.gch: % llm_admin.control Makefile
	$(CXX) $(CXXFLAGS) $(CPPFLAGS) -MF $@.d -MT $@ -x c++-header -o $@.new $< && mv $@.new $@
-include $(wildcard $(PRECOMPILED:=.d))
endif

$(EMBEDDED): $(SHIPPED) scripts/embed Makefile
	@mkdir -p $(@D)
	@scripts/embed src/shipped $(SHIPPED) > $@.tmp && mv $@.tmp $@

llm_admin.so: src/exports.map
-include $(wildcard $(OBJS:.o=.d))

$(SCRIPT): $(SQL_PARTS) scripts/assemble.awk llm_admin.control Makefile
	@$(ASSEMBLE) $(SQL_PARTS) > $@.tmp
	@mv $@.tmp $@

# llm_admin--0.2--0.3.sql from its template and the install scripts of both versions; only this version's is assembled.
script_of = $(if $(filter $(1),$(RELEASE)),$(SCRIPT),migrations/llm_admin--$(1).sql)
step_ends = $(foreach version,$(subst --, ,$(patsubst llm_admin--%.sql,%,$(1))),$(call script_of,$(version)))
$(STEPS): %: migrations/%.in $(SCRIPT) scripts/assemble-step $(wildcard src/ledger/*.sql)
	@$(ASSEMBLE) $< > $@.in.tmp
	@scripts/assemble-step $(call step_ends,$@) < $@.in.tmp > $@.tmp
	@rm $@.in.tmp && mv $@.tmp $@

# Released scripts are never edited: what is assembled now must be what is frozen. A version that the changelog calls
# unreleased need not be frozen yet; what of it is frozen is compared all the same.
UNRELEASED := $(shell sed -n 's/^## \($(RELEASE)\), unreleased$$/\1/p' CHANGELOG.md)
check-frozen: $(SCRIPT) $(STEPS)
	@failed=0; for script in $^; do \
	  [ -n "$(UNRELEASED)" ] && [ ! -e migrations/$$script ] || diff -u migrations/$$script $$script || failed=1; \
	done; exit $$failed

# The scripts of this version into migrations/. Never again once it is released.
freeze: $(SCRIPT) $(STEPS)
	@cp $^ migrations/
	@echo "frozen: $^"

.PHONY: help lint format check-frozen freeze
help:
	@sed -n 's/^#   //p' Makefile
	@echo "make format          clang-format every source"
	@echo "make check-frozen    the assembled scripts equal the frozen ones of this version"
	@echo "make freeze          freezes them anew, until the version is released"
	@echo "make lint            clang-format and clang-tidy, without changing anything"
	@echo "scripts/quickstart   from nothing to a tour on real work"
	@echo "scripts/test         all tests; bench/run: all figures"

format:
	clang-format -i $(filter %.cpp,$(SOURCES)) $(wildcard src/*/*.hpp src/*/*/*.hpp)

lint:
	clang-format --dry-run -Werror $(filter %.cpp,$(SOURCES)) $(wildcard src/*/*.hpp src/*/*/*.hpp)
