# llm_admin: the product, built with PGXS for whatever pg_config is on the PATH.
#   make                 build the library and the install script
#   make install         install both
#   make installcheck    regression and isolation tests against a running server
#   make uninstall       removes what was installed
#   make help            what else there is
# It builds elsewhere too: mkdir DIR && cd DIR && make -f SOURCES/Makefile (or with VPATH=SOURCES).
# scripts/test runs everything, from the unit tests to crash tests, on a private server.

# Where the sources are; "." unless this is built elsewhere. Lists below are named from there, and VPATH finds them.
top := $(or $(VPATH),$(patsubst %/,%,$(dir $(firstword $(MAKEFILE_LIST)))))
found = $(sort $(patsubst $(top)/%,%,$(wildcard $(addprefix $(top)/,$(1)))))
# VPATH would take the products that lie there for those of this folder.
ifneq ($(realpath $(top)),$(CURDIR))
ifneq ($(wildcard $(top)/llm_admin.so $(top)/src/module.o),)
$(error there is a build in $(top): make -C $(top) clean)
endif
endif

EXTENSION = llm_admin
RELEASE := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" $(top)/llm_admin.control)

MODULE_big = llm_admin
FOLDED := $(call found,src/*/*.cpp src/*/*/*.cpp src/*/*/*/*.cpp)
BARE := src/module.c $(call found,src/*.cpp)
SOURCES := $(BARE) $(FOLDED)
# Each folder is compiled as one unit: what its sources read is parsed once, what they use of templates is made once. The
# unit of src/core/json is build/units/core/json.cpp, which includes the folder's sources and nothing else. UNITY=no
# compiles file by file; `make apart` sees that each of them could be.
UNITY ?= yes
UNITS := $(patsubst src/%/,build/units/%.cpp,$(sort $(dir $(FOLDED))))
# What ships as data is embedded: the files of src/shipped, as one generated source.
SHIPPED := $(call found,src/shipped/*.* src/shipped/*/*.*)
EMBEDDED = build/embedded/shipped_files.cpp
OBJS := $(addsuffix .o,$(basename $(BARE) $(if $(filter yes,$(UNITY)),$(UNITS),$(FOLDED)) $(EMBEDDED)))
BY_FILE := $(addsuffix .o,$(basename $(SOURCES)))
# Elsewhere there are no folders yet. A rule would not make them: VPATH finds those of the sources.
ifneq ($(realpath $(top)),$(CURDIR))
$(shell mkdir -p $(sort $(dir $(OBJS))))
endif

# The whole install script is assembled from the rooms. It is a build product: what is kept in migrations/ are the first
# version's whole script and the steps, frozen once released, and of the newest released version the whole script as
# base.sql. Of that and of this version's own the two steps between them are assembled, from templates
# migrations/*.sql.in, while this version is being made: what a step and the rooms both need is written once.
SCRIPT = llm_admin--$(RELEASE).sql
ROOMS = ledger keys providers mapping tenants models access prices usage audit access_keys limits calls gateways roles
of_rooms = $(foreach room,$(ROOMS),$(call found,src/$(room)/$(1)))
SQL_PARTS := src/ledger/begin.sql \
  $(call of_rooms,tables.sql) \
  $(call of_rooms,functions.sql) \
  $(call of_rooms,triggers.sql) \
  $(call of_rooms,views.sql) \
  $(call of_rooms,seeds.sql) \
  $(call of_rooms,comments.sql) \
  src/ledger/end.sql
# A line `@include NAME`, alone and named from the folder of the file it stands in, is replaced by that file:
# scripts/assemble.awk.
ASSEMBLE = cd $(top) && awk -v version=$(RELEASE) -f scripts/assemble.awk
BASE := $(shell sed -n "s/^SELECT llm_admin.record_migration('llm_admin--\(.*\)\.sql');$$/\1/p" $(top)/migrations/base.sql)
STEPS = $(if $(filter-out $(RELEASE),$(BASE)),llm_admin--$(BASE)--$(RELEASE).sql llm_admin--$(RELEASE)--$(BASE).sql)
DATA_built = $(SCRIPT) $(STEPS)
DATA = $(call found,migrations/llm_admin--*.sql)

REGRESS = $(sort $(basename $(notdir $(call found,sql/*.sql))))
REGRESS_OPTS = --inputdir=$(top) --encoding=UTF8 --no-locale
ISOLATION = $(sort $(basename $(notdir $(call found,test/isolation/specs/*.spec))))
ISOLATION_OPTS = --inputdir=$(top)/test/isolation --outputdir=output_iso

WARNINGS = -Wall -Wextra -Wshadow
# PGXS's own CFLAGS carry C-only warnings; the server's headers are not ours to warn about.
PG_CPPFLAGS = -I$(srcdir)/src -DLLM_ADMIN_VERSION='"$(RELEASE)"'
PG_CFLAGS = -MMD -MP $(EXTRA_WARNINGS)
PG_CXXFLAGS = -std=c++20 -MMD -MP $(WARNINGS) -Wno-register -Wno-unused-parameter $(EXTRA_WARNINGS)
SHLIB_LINK = -lstdc++ -lcrypto -Wl,--version-script=$(srcdir)/src/exports.map
EXTRA_CLEAN = build/units build/apart build/embedded build/core.a $(BY_FILE) $(BY_FILE:.o=.d) $(PRECOMPILED) \
  $(PRECOMPILED:=.d) $(SCRIPT) $(STEPS) output_iso results regression.diffs regression.out

# File by file, what nearly every source reads is parsed once, for the core and for what stands above it. Whoever builds
# through ccache says PRECOMPILE=no: it does not cache such compilations. Units gain too little by it.
PRECOMPILE ?= $(if $(filter yes,$(UNITY)),no,yes)
PRECOMPILED = src/core/precompiled.h.gch src/precompiled.h.gch

# No bitcode: every function that SQL calls is noinline, so the JIT could never use it, and it doubles the build.
override with_llvm := no

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

$(OBJS): Makefile
CORE_OBJS = $(filter src/core/% build/units/core.o build/units/core/% build/embedded/%,$(OBJS))
UPPER_OBJS = $(filter-out src/module.o $(CORE_OBJS),$(OBJS))

ifeq ($(PRECOMPILE),yes)
# g++ and clang++ both take NAME.gch for `-include NAME`. What g++ reads from it counts as ours and no more as the
# system's, so it warns of overflows inside std::string that are none.
WITHOUT_FALSE_ALARM = $(if $(findstring clang,$(CXX)),,-Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -Wno-restrict)
$(CORE_OBJS): src/core/precompiled.h.gch
$(CORE_OBJS): private override CXXFLAGS += -include src/core/precompiled.h $(WITHOUT_FALSE_ALARM)
$(UPPER_OBJS): src/precompiled.h.gch
$(UPPER_OBJS): private override CXXFLAGS += -include src/precompiled.h $(WITHOUT_FALSE_ALARM)
$(PRECOMPILED): %.gch: % llm_admin.control Makefile
	$(CXX) $(CXXFLAGS) $(CPPFLAGS) -MF $@.d -MT $@ -x c++-header -o $@.new $< && mv $@.new $@
-include $(wildcard $(PRECOMPILED:=.d))
endif

# A unit is written anew when what it includes is not what its folder holds.
INCLUDED := $(patsubst "%",src/%,$(filter "%",$(shell cat $(UNITS) 2>/dev/null)))
CHANGED = $(filter-out $(INCLUDED),$(FOLDED)) $(filter-out $(FOLDED),$(INCLUDED))
$(sort $(patsubst src/%/,build/units/%.cpp,$(dir $(CHANGED)))): FORCE
$(UNITS): build/units/%.cpp: Makefile
	@mkdir -p $(@D)
	@printf '#include "%s"\n' $(patsubst src/%,%,$(filter $(addprefix src/$*/,$(notdir $(FOLDED))),$(FOLDED))) > $@
FORCE:

# For test/module, which tests what is shipped.
build/core.a: $(CORE_OBJS)
	@rm -f $@ && $(AR) cqsD $@ $^

# Each source by itself, with nothing put before it: what it uses it includes.
ALONE := $(patsubst src/%.cpp,build/apart/%.ok,$(filter %.cpp,$(SOURCES)))
apart: $(ALONE)
$(ALONE): build/apart/%.ok: src/%.cpp Makefile
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(CPPFLAGS) -fsyntax-only -MF $(@:.ok=.d) -MT $@ $<
	@touch $@
-include $(wildcard $(ALONE:.ok=.d))

$(EMBEDDED): $(SHIPPED) scripts/embed Makefile
	@mkdir -p $(@D)
	@(cd $(top) && scripts/embed src/shipped $(SHIPPED)) > $@.tmp && mv $@.tmp $@

llm_admin.so: src/exports.map
-include $(wildcard $(OBJS:.o=.d))

$(SCRIPT): $(SQL_PARTS) scripts/assemble.awk llm_admin.control Makefile
	@($(ASSEMBLE) $(SQL_PARTS)) > $@.tmp
	@mv $@.tmp $@

whole_of = $(if $(filter $(1),$(RELEASE)),$(SCRIPT),$(top)/migrations/base.sql)
step_ends = $(foreach version,$(subst --, ,$(patsubst llm_admin--%.sql,%,$(1))),$(call whole_of,$(version)))
$(STEPS): %: migrations/%.in $(SCRIPT) migrations/base.sql scripts/assemble-step $(call found,src/ledger/*.sql)
	@($(ASSEMBLE) migrations/$@.in) > $@.in.tmp
	@$(top)/scripts/assemble-step $(call step_ends,$@) < $@.in.tmp > $@.tmp
	@rm $@.in.tmp && mv $@.tmp $@

# Released scripts are never edited: what is assembled now must be what is frozen. A version that the changelog calls
# unreleased is not frozen yet.
UNRELEASED := $(shell sed -n 's/^## \($(RELEASE)\), unreleased$$/\1/p' $(top)/CHANGELOG.md)
check-frozen: $(SCRIPT) $(STEPS)
	@if [ "$(BASE)" = "$(RELEASE)" ]; then diff -u $(top)/migrations/base.sql $(SCRIPT); \
	elif [ -z "$(UNRELEASED)" ]; then echo "version $(RELEASE) is not frozen: make freeze" >&2; exit 1; fi

# Releases this version: its steps go into migrations/, its whole script becomes base.sql. Once.
freeze: $(SCRIPT) $(STEPS)
	@if [ "$(BASE)" = "$(RELEASE)" ]; then echo "version $(RELEASE) is frozen" >&2; exit 1; fi
	@cp $(STEPS) $(top)/migrations/ && cp $(SCRIPT) $(top)/migrations/base.sql
	@echo "frozen: $(STEPS), and $(SCRIPT) as migrations/base.sql"

# Whole scripts that earlier versions left there. The server would take them for shorter ways. Those of later versions
# stay: an older library that is installed beside them breaks nothing.
install: remove-wholes
remove-wholes:
	@cd '$(DESTDIR)$(datadir)/$(datamoduledir)' 2>/dev/null || exit 0; for script in llm_admin--*.sql; do \
	  case $$script in llm_admin--*--*.sql | llm_admin--0.1.sql) continue ;; esac; \
	  version=$${script#llm_admin--}; version=$${version%.sql}; \
	  later=$$(printf '%s\n' '$(RELEASE)' "$$version" | sort -V | tail -n 1); \
	  [ "$$later" = "$$version" ] || rm -f "$$script"; done

.PHONY: FORCE apart help lint format check-frozen freeze remove-wholes
help:
	@sed -n 's/^#   //p' Makefile
	@echo "make format          clang-format every source"
	@echo "make check-frozen    a released version's scripts are those that were frozen"
	@echo "make freeze          freezes this version's scripts, when it is released"
	@echo "make apart           compiles each source by itself, as far as its warnings; UNITY=no builds so"
	@echo "make lint            clang-format and clang-tidy, without changing anything"
	@echo "scripts/quickstart   from nothing to a tour on real work"
	@echo "scripts/test         all tests; bench/run: all figures"

OUR_HEADERS = $(call found,src/*/*.hpp src/*/*/*.hpp src/*/*/*/*.hpp)
format:
	cd $(top) && clang-format -i $(filter %.cpp,$(SOURCES)) $(OUR_HEADERS)

lint:
	cd $(top) && clang-format --dry-run -Werror $(filter %.cpp,$(SOURCES)) $(OUR_HEADERS)
