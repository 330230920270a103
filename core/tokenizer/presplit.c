// PCRE2 matches the pattern at each position in turn. Three things are easy to get wrong:
//
// * PCRE2 requires valid UTF-8 and checks the whole rest of the text at each match. Therefore the text is
//   first cut into runs that are UTF-8 and bytes that are not, and only the first match of a run has the
//   check.
// * The pattern comes from outside. Matches are limited in steps and memory, and the whole text in time.
//   After a match of nothing the position advances by a character.
// * \s, \p{L} and the like follow Unicode (UCP). PCRE2's \s has one character more than Unicode's white
//   space: U+180E.
//
// Interface: presplit.h.
#define PCRE2_CODE_UNIT_WIDTH 8
#include "core/tokenizer/presplit.h"

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <utf8proc.h>

enum {
    MAX_PATTERN_BYTES = 4096,
    HEAP_LIMIT_KIB = 64 << 10,
    JIT_STACK_MIN = 32 << 10,
    JIT_STACK_MAX = 1 << 20,
    STEPS_AT_LEAST = 100000, // a match may take this many steps, and more for each byte of the text
    STEPS_PER_BYTE = 64,
    MAX_SECONDS = 5,
    MAX_STAGES = 16,
};

// A contraction, letters, digits or other marks with the space before them, spaces up to the one before a
// word.
static const char GPT2_PATTERN[] =
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

struct Presplit {
    pcre2_code *code; // NULL: the text is one word
    bool add_prefix_space;
    Presplit *next; // cuts each word of this one; or NULL
};

// The state of matching, and where the words go.
typedef struct Matcher {
    const Presplit *presplit;
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
    time_t deadline;
    WordFn *fn;
    void *user;
} Matcher;

static bool compile(Presplit *presplit, const char *pattern, const char *path, Error *err) {
    int code;
    PCRE2_SIZE at;
    if (strlen(pattern) > MAX_PATTERN_BYTES)
        return error_set(err,
                         "%s: the pre-split pattern has more than %d bytes, which no known tokenizer needs",
                         path, MAX_PATTERN_BYTES);
    uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_ANCHORED | PCRE2_NEVER_BACKSLASH_C;
    presplit->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, options, &code, &at, NULL);
    if (presplit->code) {
        pcre2_jit_compile(presplit->code,
                          PCRE2_JIT_COMPLETE); // where there is no JIT, the interpreter does the same
        return true;
    }
    PCRE2_UCHAR reason[160];
    pcre2_get_error_message(code, reason, sizeof reason);
    return error_set(err,
                     "%s: the pre-split pattern is not a regular expression that PCRE2 takes: %s, at "
                     "character %zu of %.200s",
                     path, (const char *)reason, at, pattern);
}

static const char *member_text(const cJSON *object, const char *name) {
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text ? text : "";
}

static bool member_is(const cJSON *object, const char *name, bool when_missing) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return item ? cJSON_IsTrue(item) : when_missing;
}

static bool add_stage(Presplit **chain, const char *pattern, bool add_prefix_space, const char *path,
                      Error *err) {
    int n_stages = 0;
    for (; *chain; chain = &(*chain)->next) n_stages++;
    if (n_stages == MAX_STAGES)
        return error_set(err, "%s: the pre_tokenizer has more than %d parts, which no known tokenizer needs",
                         path, MAX_STAGES);
    Presplit *stage = *chain = calloc(1, sizeof *stage);
    if (!stage) return error_no_memory(err, "the pre-split pattern", sizeof *stage);
    stage->add_prefix_space = add_prefix_space;
    return !pattern || compile(stage, pattern, path, err);
}

// ByteLevel adds a space before a text. After a Split it would add one before each word; no known tokenizer
// does.
static bool add_byte_level(Presplit **chain, const cJSON *item, const char *path, Error *err) {
    bool prefix = member_is(item, "add_prefix_space", true), has_regex = member_is(item, "use_regex", true);
    if (prefix && *chain)
        return error_set(
            err,
            "%s: the pre_tokenizer ByteLevel adds a space before each word, which kvstep does not support",
            path);
    return (!has_regex && !prefix) || add_stage(chain, has_regex ? GPT2_PATTERN : NULL, prefix, path, err);
}

static bool add_split(Presplit **chain, const cJSON *item, const char *path, Error *err) {
    const cJSON *pattern = cJSON_GetObjectItemCaseSensitive(item, "pattern");
    const char *regex = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(pattern, "Regex"));
    const char *string = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(pattern, "String"));
    char quoted[256];
    bool known = strcmp(member_text(item, "behavior"), "Isolated") == 0 && !member_is(item, "invert", false);
    if (!regex && string && !strstr(string, "\\E") && strlen(string) < sizeof quoted - 8) {
        snprintf(quoted, sizeof quoted, "\\Q%s\\E", string);
        regex = quoted;
    }
    if (known && regex) return add_stage(chain, regex, false, path, err);
    return error_set(
        err, "%s: the pre_tokenizer Split is %.30s; kvstep knows Isolated ones that are not inverted", path,
        *member_text(item, "behavior") ? member_text(item, "behavior") : "of no behaviour");
}

static bool add_pre_tokenizer(Presplit **chain, const cJSON *item, const char *path, Error *err) {
    const char *type = member_text(item, "type");
    const cJSON *part;
    if (!item || cJSON_IsNull(item)) return true;
    if (strcmp(type, "ByteLevel") == 0) return add_byte_level(chain, item, path, err);
    if (strcmp(type, "Split") == 0) return add_split(chain, item, path, err);
    if (strcmp(type, "Digits") == 0)
        return add_stage(chain, member_is(item, "individual_digits", false) ? "\\p{N}" : "\\p{N}+", false,
                         path, err);
    if (strcmp(type, "Metaspace") == 0)
        return error_set(err,
                         "%s: the pre_tokenizer is a Sequence with Metaspace in it; kvstep supports only "
                         "Metaspace by itself",
                         path);
    if (strcmp(type, "Sequence") != 0)
        return error_set(
            err,
            "%s: the pre_tokenizer is %.40s; kvstep knows ByteLevel, Split, Digits, Metaspace, and Sequences",
            path, *type ? type : "of no type");
    cJSON_ArrayForEach(part, cJSON_GetObjectItemCaseSensitive(item, "pretokenizers")) {
        if (!add_pre_tokenizer(chain, part, path, err)) return false;
    }
    return true;
}

bool presplit_new(Presplit **out, const cJSON *pre_tokenizer, const char *path, Error *err) {
    bool metaspace = strcmp(member_text(pre_tokenizer, "type"), "Metaspace") == 0;
    *out = NULL;
    if (metaspace || add_pre_tokenizer(out, pre_tokenizer, path, err)) return true;
    presplit_free(*out);
    *out = NULL;
    return false;
}

void presplit_free(Presplit *presplit) {
    if (!presplit) return;
    presplit_free(presplit->next);
    pcre2_code_free(presplit->code);
    free(presplit);
}

// Seconds of this thread's processor time: on a busy machine a good pattern must not run out of time.
static time_t seconds_worked(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec;
}

static bool matcher_init(Matcher *matcher, const Presplit *presplit, size_t n_bytes, Error *err) {
    matcher->presplit = presplit;
    matcher->data = pcre2_match_data_create_from_pattern(presplit->code, NULL);
    matcher->context = pcre2_match_context_create(NULL);
    matcher->stack = pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL);
    matcher->deadline = seconds_worked() + MAX_SECONDS;
    if (!matcher->data || !matcher->context)
        return error_no_memory(err, "the pre-split pattern", HEAP_LIMIT_KIB);
    pcre2_set_match_limit(matcher->context, STEPS_AT_LEAST + STEPS_PER_BYTE * (uint32_t)n_bytes);
    pcre2_set_heap_limit(matcher->context, HEAP_LIMIT_KIB);
    pcre2_jit_stack_assign(matcher->context, NULL, matcher->stack);
    return true;
}

static void matcher_done(Matcher *matcher) {
    pcre2_match_data_free(matcher->data);
    pcre2_match_context_free(matcher->context);
    pcre2_jit_stack_free(matcher->stack);
}

// Finds the end of a match that starts at `at`; *end is SIZE_MAX when there is none.
static bool match_at(const Matcher *matcher, Text run, size_t at, bool checked, size_t *end, Error *err) {
    int n = pcre2_match(matcher->presplit->code, (PCRE2_SPTR)run.bytes, run.n_bytes, at,
                        checked ? PCRE2_NO_UTF_CHECK : 0, matcher->data, matcher->context);
    const PCRE2_SIZE *range = pcre2_get_ovector_pointer(matcher->data);
    *end = n >= 0 ? range[1] : SIZE_MAX;
    if (n >= 0 && (range[0] != at || range[1] < at))
        return error_set(err, "the tokenizer's pre-split pattern uses \\K, which kvstep does not support");
    if (n < 0 && n != PCRE2_ERROR_NOMATCH) {
        PCRE2_UCHAR reason[160];
        pcre2_get_error_message(n, reason, sizeof reason);
        return error_set(err, "the tokenizer's pre-split pattern fails on this text: %s; try a shorter text",
                         (const char *)reason);
    }
    if (seconds_worked() > matcher->deadline)
        return error_set(
            err, "the tokenizer's pre-split pattern takes longer than %d s on this text; try a shorter text",
            MAX_SECONDS);
    return true;
}

// Passes the bytes [begin, end) on as a word, unless there are none.
static bool hand_over(const Matcher *matcher, Text run, size_t begin, size_t end, Error *err) {
    return begin == end || matcher->fn(matcher->user, (Text){run.bytes + begin, end - begin}, err);
}

static size_t character_length(Text run, size_t at) {
    utf8proc_int32_t character;
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)run.bytes + at,
                                          (utf8proc_ssize_t)(run.n_bytes - at), &character);
    return n > 0 ? (size_t)n : 0;
}

// Passes the words of a run of valid UTF-8 on. No match has claimed [begin, at) yet.
static bool split_run(const Matcher *matcher, Text run, Error *err) {
    size_t begin = 0, at = 0, end;
    bool checked = false;
    while (at < run.n_bytes) {
        if (!match_at(matcher, run, at, checked, &end, err)) return false;
        checked = true;
        if (end == SIZE_MAX) {
            at += character_length(run, at);
            continue;
        }
        if (!hand_over(matcher, run, begin, at, err) || !hand_over(matcher, run, at, end, err)) return false;
        begin = end;
        at = end > at ? end : at + character_length(run, at);
    }
    return hand_over(matcher, run, begin, at, err);
}

// The length of the run at the text's start: valid UTF-8, or bytes that are not.
static size_t run_length(Text text, bool valid) {
    size_t n = 0;
    while (n < text.n_bytes) {
        size_t length = character_length(text, n);
        if ((length > 0) != valid) break;
        n += valid ? length : 1;
    }
    return n;
}

static bool split_text(const Matcher *matcher, Text text, Error *err) {
    bool ok = true, valid = true;
    for (size_t n; text.n_bytes > 0 && ok; text.bytes += n, text.n_bytes -= n, valid = !valid) {
        Text run = {text.bytes, n = run_length(text, valid)};
        ok = valid ? split_run(matcher, run, err) : hand_over(matcher, run, 0, n, err);
    }
    return ok;
}

// A copy of the text with a space before it.
static char *prefixed(Text *text) {
    char *copy = malloc(text->n_bytes + 1);
    if (!copy) return NULL;
    copy[0] = ' ';
    memcpy(copy + 1, text->bytes, text->n_bytes);
    *text = (Text){copy, text->n_bytes + 1};
    return copy;
}

// Passes the words of one stage through the next.
typedef struct Next {
    const Presplit *presplit;
    WordFn *fn;
    void *user;
} Next;

static bool split_again(void *user, Text word, Error *err) {
    const Next *next = user;
    return presplit_words(next->presplit, word, next->fn, next->user, err);
}

bool presplit_words(const Presplit *presplit, Text text, WordFn *fn, void *user, Error *err) {
    Matcher matcher = {.fn = fn, .user = user};
    char *copy = NULL;
    if (text.n_bytes == 0) return true;
    if (!presplit) return fn(user, text, err);
    Next next = {presplit->next, fn, user};
    if (presplit->next) matcher.fn = split_again, matcher.user = &next;
    bool prefix = presplit->add_prefix_space && text.bytes[0] != ' ';
    bool ok = !prefix || (copy = prefixed(&text)) || error_no_memory(err, "the text", (double)text.n_bytes);
    if (ok && !presplit->code)
        ok = matcher.fn(matcher.user, text, err);
    else
        ok = ok && matcher_init(&matcher, presplit, text.n_bytes, err) && split_text(&matcher, text, err);
    matcher_done(&matcher);
    free(copy);
    return ok;
}
