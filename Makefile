# kvstep. `make help` lists the targets.

CC       ?= cc
PREFIX   ?= /usr/local
BUILD    ?= build
MODEL    ?= story
DATADIR   = $(PREFIX)/share/kvstep

PKGS      = ncursesw openblas libcjson md4c libpcre2-8 libutf8proc
WARNINGS  = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
OPTIMISE ?= -O3 -g
# Traces must be reproducible bit for bit: no -ffast-math, no fused multiply-add.
override CFLAGS += -std=c11 $(OPTIMISE) $(WARNINGS) $(SANITIZE) -ffp-contract=off
override CPPFLAGS += -D_GNU_SOURCE -DKVSTEP_DATADIR='"$(DATADIR)"' -I. $(PKG_CFLAGS)
override LDLIBS += $(PKG_LIBS) -lm -lpthread

# macOS has its own versions of these libraries, so Homebrew installs them outside pkg-config's search path.
BREW := $(shell brew --prefix 2>/dev/null)
export PKG_CONFIG_PATH := $(PKG_CONFIG_PATH)$(if $(BREW),:$(BREW)/opt/openblas/lib/pkgconfig:$(BREW)/opt/ncurses/lib/pkgconfig)

ifneq ($(wildcard $(BREW)/include/libintl.h),) # macOS: gettext is not part of the C library
override CPPFLAGS += -I$(BREW)/include
override LDLIBS += -L$(BREW)/lib -lintl
endif

# pkg-config runs once, and only if something is compiled.
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $(shell pkg-config --libs $(PKGS)))$(PKG_LIBS)

LAYERS  = core traces lessons tui cli
SOURCES := $(sort $(shell find $(LAYERS) -name '*.c'))
HEADERS := $(sort $(shell find $(LAYERS) -name '*.h'))
OBJECTS = $(SOURCES:%.c=$(BUILD)/%.o)
LIBRARY = $(BUILD)/libkvstep.a# everything but main.o, linked into kvstep and every test
TESTS   = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/*/test_*.c))
FUZZERS = $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

# Translations of the screen texts.
LANGUAGES = $(patsubst po/%.po,%,$(wildcard po/*.po))
CATALOGS  = $(LANGUAGES:%=$(BUILD)/locale/%/LC_MESSAGES/kvstep.mo)
# Errors in the contents of model and trace files are not translated: they are for someone who inspects the file.
POTFILES  = $(addprefix core/,base/error.h base/file.c cache/cache_sizes.c decode/forward.c decode/sampler.c decode/site.c \
            model/model_folder.c) $(filter core/session/% lessons/% tui/% cli/%,$(SOURCES))
XGETTEXT  = xgettext --from-code=UTF-8 --sort-by-file --add-location=file --add-comments=TRANSLATORS --package-name=kvstep -k_ -kN_ \
            -kerror_set:2 -kproblems_add:3 -kapp_say:2 -kerror_no_memory:2 -kapp_check_idle:2 -kbegin_change:2

# V=1 shows the commands.
Q     := $(if $(V),,@)
SAY   := $(if $(V),@:,@echo)
NPROC := $(shell nproc 2>/dev/null || echo 2)

.PHONY: all pot run test unit unit-programs scripts check asan fuzz bench golden coverage install clean help

all: $(BUILD)/kvstep $(CATALOGS) ## build build/kvstep (the default)

run: ## open the stepper on the default model (MODEL=name or folder)
	@$(MAKE) --no-print-directory -j$(NPROC) all
	KVSTEP_MODELS=$(CURDIR)/models $(BUILD)/kvstep $(MODEL)

$(BUILD)/kvstep: $(BUILD)/cli/main.o $(LIBRARY)
	$(SAY) "  LINK  $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(LIBRARY): $(filter-out $(BUILD)/cli/main.o,$(OBJECTS))
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(SAY) "  CC    $<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(BUILD)/tests/support.o $(LIBRARY)
	$(SAY) "  LINK  $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka

$(BUILD)/tests/bench/bench: $(patsubst tests/bench/%.c,$(BUILD)/tests/bench/%.o,$(wildcard tests/bench/bench_*.c))

$(BUILD)/locale/%/LC_MESSAGES/kvstep.mo: po/%.po
	@mkdir -p $(@D)
	$(SAY) "  MSGFMT $<"
	$(Q)msgfmt --check-format -o $@ $<

build/kvstep.pot: $(POTFILES)
	@mkdir -p $(@D)
	$(Q)$(XGETTEXT) -o $@ $^

pot: build/kvstep.pot ## merge new and changed texts into po/, for translators
	set -e; for po in po/*.po; do msgmerge --quiet --update --backup=none --no-fuzzy-matching --no-wrap --add-location=file $$po $<; done

test: ## build everything and run all tests
	@$(MAKE) --no-print-directory -j$(NPROC) all unit-programs
	@$(MAKE) --no-print-directory unit scripts

unit-programs: $(TESTS)

unit: $(TESTS) $(CATALOGS)
	@set -e; export KVSTEP_LOCALE=$(abspath $(BUILD)/locale); for t in $(TESTS); do echo "== $$t"; ./$$t; done

scripts: all
	@set -e; for s in tests/*/test_*.sh; do echo "== $$s"; KVSTEP=$(abspath $(BUILD)/kvstep) KVSTEP_MODELS=$(CURDIR)/models sh $$s; done

asan: ## run all tests under AddressSanitizer and UndefinedBehaviorSanitizer
	ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1 $(MAKE) test BUILD=build/asan \
	  OPTIMISE="-O1 -g" SANITIZE="-DKVSTEP_CHECK_STEPS -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"

check: ## compile with -Werror, check layers and format, run static analysis
	sh tests/check.sh

fuzz: $(FUZZERS) ## run each libFuzzer target for FUZZ_SECONDS (default 60)
	@set -e; for f in $(FUZZERS); do echo "== $$f"; sh tests/fuzz/run.sh $$f $${FUZZ_SECONDS:-60}; done

build/fuzz/%: tests/fuzz/%.c $(filter-out cli/%,$(SOURCES)) cli/program.c $(HEADERS)
	@mkdir -p $(@D)
	clang $(CPPFLAGS) -std=c11 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -o $@ \
	  $(filter %.c,$^) $(LDLIBS)

bench: all $(BUILD)/tests/bench/bench ## measure speed
	$(BUILD)/tests/bench/bench

golden: ## recompute the reference decoder's results (needs python3-numpy)
	python3 tests/reference/make_golden.py
	python3 tests/reference/make_families.py tests/golden
	python3 tests/reference/make_dates.py
	python3 tests/reference/check_golden.py tests/golden

coverage: ## report line coverage of the unit tests (needs gcovr)
	$(MAKE) unit BUILD=build/coverage OPTIMISE="-O0 -g --coverage"
	gcovr --root . --filter 'core/|traces/|lessons/|tui/|cli/' build/coverage

install: all ## install under $(DESTDIR)$(PREFIX)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(DATADIR) $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 $(BUILD)/kvstep $(DESTDIR)$(PREFIX)/bin/kvstep
	set -e; for m in models/*/config.json; do d=$$(dirname $$m); install -d $(DESTDIR)$(DATADIR)/$$d; \
	  install -m 644 $$d/* $(DESTDIR)$(DATADIR)/$$d/; done
	set -e; for l in lessons/*/*.md; do d=$$(dirname $$l); install -d $(DESTDIR)$(DATADIR)/$$d; \
	  install -m 644 $$l $(DESTDIR)$(DATADIR)/$$d/; done
	set -e; for l in $(LANGUAGES); do d=$(DESTDIR)$(PREFIX)/share/locale/$$l/LC_MESSAGES; install -d $$d; \
	  install -m 644 $(BUILD)/locale/$$l/LC_MESSAGES/kvstep.mo $$d/kvstep.mo; done
	install -m 644 docs/kvstep.1 $(DESTDIR)$(PREFIX)/share/man/man1/kvstep.1

clean: ## remove build/
	rm -rf build

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 14

-include $(OBJECTS:.o=.d) $(TESTS:=.d) $(BUILD)/tests/support.d $(wildcard $(BUILD)/tests/bench/*.d)

.SECONDARY:
