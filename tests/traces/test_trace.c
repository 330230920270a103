// Traces: what is written comes back whole, and a file is either the new one or the old one.
//
// The Timeline here is made up, with the numbers and texts that are hardest to keep: the smallest and largest
// floats, -0, -inf under the mask, bytes that are not UTF-8, NUL, escape sequences.
#include "tests/support.h"

#include <dirent.h>
#include <float.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/decode/cost_formula.h"
#include "traces/trace_read.h"
#include "traces/trace_write.h"

enum { N_PROMPT = 3, N_STEPS = 4, N_TOKENS = N_PROMPT + N_STEPS, N_CANDIDATES = 5 };

#define TEXT(literal) ((Text){(literal), sizeof(literal) - 1})

static const Config CONFIG = {
    .name = "tiny \xff\"model\"",
    .architecture = "gpt2",
    .n_layers = 2,
    .n_heads = 4,
    .n_kv_heads = 2,
    .d_model = 12,
    .d_head = 3,
    .d_ff = 20,
    .n_vocab = 9,
    .n_ctx = 16,
    .norm_epsilon = 1e-5f,
    .bos_id = 8,
    .start_id = -1,
    .weights_dtype = DTYPE_BF16,
    .positions = POSITIONS_ROPE,
    .rope = {ROPE_YARN, .theta = 10000, .factor = 4, .beta_fast = 32, .beta_slow = 1,
             .attention_factor = 1.1f},
    .score_scale = {0.577350259f, 0.25f},
};

static Text text_of(int id) {
    const Text TEXTS[] = {
        TEXT("Once"),
        TEXT(" \xe2\x82"),
        TEXT("\0"),
        TEXT("\x1b[31m\x07"),
        TEXT("\"\\/\n\r\t\b\f\x7f"),
        TEXT("\xc2\x9b\xe2\x80\xae"),
        TEXT("naïve 猫 🐈 \xf3\xa0\x80\x81"),
        {NULL, 0},
        TEXT(""),
    };
    return TEXTS[id];
}

// Floats of every size, the awkward ones first.
static float number(unsigned *seed) {
    static const float AWKWARD[] = {-0.0f,   0.0f,     FLT_TRUE_MIN, -FLT_TRUE_MIN, FLT_MIN,
                                    FLT_MAX, -FLT_MAX, 0.1f,         1.0f / 3,      16777216.0f};
    *seed = *seed * 1664525u + 1013904223u;
    unsigned bits = *seed ^ *seed >> 13;
    if (bits % 4 == 0) return AWKWARD[bits / 4 % (sizeof AWKWARD / sizeof *AWKWARD)];
    float value;
    memcpy(&value, &bits, sizeof value);
    return isfinite(value) ? value : 1.5f;
}

static void fill_sites(Step *step, unsigned *seed) {
    for (SiteId site = 0; site < SITE_COUNT; site++) {
        if (!step->sites[site]) continue;
        PassShape shape = step_shape(step);
        int64_t n = (SITES[site].per_layer ? CONFIG.n_layers : 1) * site_size(site, &CONFIG, &shape);
        float *numbers = step_site(step, &CONFIG, site, 0);
        for (int64_t i = 0; i < n; i++) {
            numbers[i] = site == SITE_MASKED_SCORES && i % 3 == 0 ? -INFINITY : number(seed);
            if (site == SITE_ATTENTION) numbers[i] = fabsf(fmodf(numbers[i], 1)); // weights are shares
        }
    }
}

static Candidate candidate(int id, unsigned *seed) {
    return (Candidate){.id = id,
                       .logit = number(seed),
                       .probability = 1 / (3 + (float)id),
                       .sampling_probability = FLT_TRUE_MIN};
}

// Rows and keys as a cache with an eviction has them: the last step has lost token 1, and its slot holds the
// new one.
static void fill_places(Step *step, int first) {
    bool evicts = step->n_evicted > 0;
    for (int row = 0; row < step->n_rows; row++)
        step_rows(step)[row] = (Place){0, first + row, first + row + 4};
    for (int column = 0; column < step->n_keys; column++) {
        int token = evicts && column == 1 ? first : column;
        unsigned event = token >= first ? SLOT_STORED | SLOT_QUANTISED : SLOT_READ;
        step_keys(step)[column] = (Slot){{0, token, token + 4}, column, event};
    }
    if (evicts) step_evicted(step)[0] = (Slot){{0, 1, 5}, 1, SLOT_EVICTED};
}

static Step *make_step(int index, SiteMask recorded, bool recompute, unsigned *seed) {
    int first = index == 0 ? 0 : N_PROMPT + index - 1, n_rows = index == 0 ? N_PROMPT : 1;
    int n_evicted = index == N_STEPS - 1, n_tokens = first + n_rows;
    StepSizes sizes = {.pass = {.n_rows = n_rows, .n_keys = n_tokens - n_evicted},
                       .n_evicted = n_evicted,
                       .n_candidates = N_CANDIDATES,
                       .sites = recorded | SITE_WEIGHTS};
    Step *step = step_new(NULL, &CONFIG, &sizes);
    assert_non_null(step);
    step->index = index;
    step->phase = index == 0 ? STEP_PREFILL : STEP_DECODE;
    step->facts = FACT_CACHE | FACT_COST | FACT_RECOMPUTE_COST | FACT_CHOICE;
    fill_places(step, first);
    fill_sites(step, seed);
    step->cache = (CacheFacts){
        n_tokens - n_evicted, CONFIG.n_ctx, 96 * n_tokens, cache_bytes_formula(&CONFIG, n_tokens), 96, 0, 0};
    step->cached = (Cost){.flops = (int64_t)1 << 53,
                          .weight_bytes = 12345,
                          .cache_bytes = 67890,
                          .nanoseconds = 1 + index,
                          .counted = true};
    step->recompute = cost_formula(&CONFIG, &(PassShape){.n_rows = n_tokens, .n_keys = n_tokens});
    if (recompute) {
        step->recompute.counted = true;
        step->recompute.nanoseconds = 0;
        step->facts |= FACT_COMPARISON;
        step->comparison = (Comparison){index > 2, 2.4e-7f * (float)index, 1e-13f, index % 2 == 0};
    }
    for (int i = 0; i < N_CANDIDATES; i++) {
        step->candidates[i] = candidate((index + 2 * i) % CONFIG.n_vocab, seed);
        step->candidate_texts[i] = text_of(step->candidates[i].id);
    }
    step->choice = candidate((index * 5 + 1) % CONFIG.n_vocab, seed);
    step->choice_text = text_of(step->choice.id);
    return step;
}

static Timeline *timeline_make(SiteMask recorded, bool recompute, Text prompt) {
    Timeline *timeline = calloc(1, sizeof *timeline);
    unsigned seed = 1;
    *timeline = (Timeline){
        .config = CONFIG,
        .sampling = {.temperature = 0.8f, .top_k = 40, .top_p = 0.95f, .seed = UINT32_MAX},
        .prompt = prompt,
        .cache_policy = "full",
        .machine = {TEXT("kvstep 0"), TEXT("Some \xff CPU"), 3},
        .recorded = recorded,
        .has_recompute = recompute,
        .tokens = calloc(N_TOKENS, sizeof(Token)),
        .n_tokens = N_TOKENS,
        .n_prompt = N_PROMPT,
        .steps = calloc(N_STEPS, sizeof(Step *)),
        .n_steps = N_STEPS,
    };
    for (int i = 0; i < N_STEPS; i++) timeline->steps[i] = make_step(i, recorded, recompute, &seed);
    for (int p = 0; p < N_TOKENS; p++) {
        int id = p < N_PROMPT ? p : timeline->steps[p - N_PROMPT]->choice.id;
        timeline->tokens[p] = (Token){id, text_of(id), p >= N_PROMPT};
    }
    return timeline;
}

static void timeline_free(Timeline *timeline) {
    for (int i = 0; i < timeline->n_steps; i++) step_free(timeline->steps[i]);
    free(timeline->steps);
    free(timeline->tokens);
    free(timeline);
}

static void assert_same_text(Text a, Text b) {
    assert_int_equal(a.bytes == NULL, b.bytes == NULL);
    assert_int_equal(a.n_bytes, b.n_bytes);
    if (a.n_bytes > 0) assert_memory_equal(a.bytes, b.bytes, a.n_bytes);
}

// Bit for bit: -0 is not 0 here.
static void assert_same_float(float a, float b) {
    assert_memory_equal(&a, &b, sizeof a);
}

static void assert_same_candidate(const Candidate *a, const Candidate *b) {
    assert_int_equal(a->id, b->id);
    assert_same_float(a->logit, b->logit);
    assert_same_float(a->probability, b->probability);
    assert_same_float(a->sampling_probability, b->sampling_probability);
}

static void assert_same_cost(const Cost *a, const Cost *b) {
    assert_int_equal(a->flops, b->flops);
    assert_int_equal(a->weight_bytes, b->weight_bytes);
    assert_int_equal(a->cache_bytes, b->cache_bytes);
    assert_int_equal(a->nanoseconds, b->nanoseconds);
    assert_int_equal(a->counted, b->counted);
}

static void assert_same_step(const Step *a, const Step *b) {
    assert_int_equal(a->index, b->index);
    assert_int_equal(a->phase, b->phase);
    assert_int_equal(a->facts, b->facts);
    assert_int_equal(a->n_rows, b->n_rows);
    assert_int_equal(a->n_keys, b->n_keys);
    assert_int_equal(a->n_evicted, b->n_evicted);
    assert_memory_equal(a->rows, b->rows, (size_t)a->n_rows * sizeof *a->rows);
    assert_memory_equal(a->keys, b->keys, (size_t)a->n_keys * sizeof *a->keys);
    if (a->n_evicted) assert_memory_equal(a->evicted, b->evicted, sizeof *a->evicted);
    assert_memory_equal(&a->cache, &b->cache, sizeof a->cache);
    assert_same_cost(&a->cached, &b->cached);
    assert_same_cost(&a->recompute, &b->recompute);
    assert_int_equal(a->comparison.differs_by_design, b->comparison.differs_by_design);
    assert_int_equal(a->comparison.same_choice, b->comparison.same_choice);
    assert_same_float(a->comparison.max_abs_logit_difference, b->comparison.max_abs_logit_difference);
    assert_same_float(a->comparison.kl_divergence, b->comparison.kl_divergence);
    assert_int_equal(a->n_candidates, b->n_candidates);
    for (int i = 0; i < a->n_candidates; i++) {
        assert_same_candidate(&a->candidates[i], &b->candidates[i]);
        assert_same_text(a->candidate_texts[i], b->candidate_texts[i]);
    }
    assert_same_candidate(&a->choice, &b->choice);
    assert_same_text(a->choice_text, b->choice_text);
    for (SiteId site = 0; site < SITE_COUNT; site++) {
        assert_int_equal(a->sites[site] == NULL, b->sites[site] == NULL);
        if (!a->sites[site]) continue;
        PassShape shape = step_shape(a);
        size_t n = (SITES[site].per_layer ? CONFIG.n_layers : 1) * (size_t)site_size(site, &CONFIG, &shape);
        assert_memory_equal(a->sites[site], b->sites[site], n * sizeof(float));
    }
}

static void assert_same_timeline(const Timeline *a, const Timeline *b) {
    const Config *c = &a->config, *d = &b->config;
    assert_string_equal(c->name, d->name);
    assert_string_equal(c->architecture, d->architecture);
    assert_memory_equal(&c->n_layers, &d->n_layers,
                        offsetof(Config, norm_epsilon) - offsetof(Config, n_layers));
    assert_same_float(c->norm_epsilon, d->norm_epsilon);
    assert_int_equal(c->bos_id, d->bos_id);
    assert_int_equal(c->n_eos, d->n_eos);
    assert_int_equal(c->weights_dtype, d->weights_dtype);
    assert_memory_equal(&c->rope, &d->rope, sizeof c->rope);
    assert_memory_equal(c->score_scale, d->score_scale, 2 * sizeof *c->score_scale);
    assert_string_equal(a->cache_policy, b->cache_policy);
    assert_same_text(a->machine.program, b->machine.program);
    assert_same_text(a->machine.processor, b->machine.processor);
    assert_int_equal(a->machine.n_threads, b->machine.n_threads);
    assert_memory_equal(&a->sampling, &b->sampling, sizeof a->sampling);
    assert_int_equal(a->prompt.bytes != NULL, b->prompt.bytes != NULL);
    assert_same_text(a->prompt, b->prompt);
    assert_int_equal(a->recorded & ~SITE_BIT(SITE_ATTENTION), b->recorded);
    assert_int_equal(a->has_recompute, b->has_recompute);
    assert_int_equal(a->n_prompt, b->n_prompt);
    assert_int_equal(a->n_tokens, b->n_tokens);
    for (int p = 0; p < a->n_tokens; p++) {
        assert_int_equal(a->tokens[p].id, b->tokens[p].id);
        assert_int_equal(a->tokens[p].generated, b->tokens[p].generated);
        assert_same_text(a->tokens[p].text, b->tokens[p].text);
    }
    assert_int_equal(a->n_steps, b->n_steps);
    for (int i = 0; i < a->n_steps; i++) assert_same_step(a->steps[i], b->steps[i]);
}

static char *path_in(const char *folder, const char *name) {
    char *path = malloc(strlen(folder) + strlen(name) + 2);
    sprintf(path, "%s/%s", folder, name);
    return path;
}

static int n_files(const char *folder) {
    DIR *dir = opendir(folder);
    int n = 0;
    for (struct dirent *entry; (entry = readdir(dir));)
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return n;
}

static void check_round_trip(SiteMask recorded, bool recompute, Text prompt) {
    char *folder = folder_new(), *first = path_in(folder, "first.json"),
         *second = path_in(folder, "second.json");
    Timeline *timeline = timeline_make(recorded, recompute, prompt), *again;
    Error err = {""};
    assert_true(trace_write_all(first, timeline, &err));
    if (!trace_read(&again, first, &err)) fail_msg("%s", err.text);
    assert_same_timeline(timeline, again);
    assert_true(trace_write_all(second, again, &err));
    char *a = file_read(folder, "first.json", NULL), *b = file_read(folder, "second.json", NULL);
    assert_string_equal(a, b);
    assert_int_equal(n_files(folder), 2);
    free(a);
    free(b);
    trace_free(again);
    timeline_free(timeline);
    free(first);
    free(second);
    folder_remove(folder);
}

static void a_trace_read_back_is_the_same_timeline_and_writes_the_same_file(void **state) {
    (void)state;
    check_round_trip(0, true, TEXT("Once upon"));
    check_round_trip(sites_of(&CONFIG, 0), true, TEXT("NUL \0 and \xff"));
    check_round_trip(SITE_BIT(SITE_K) | SITE_BIT(SITE_V), true, TEXT(""));
}

static void what_was_not_measured_comes_back_as_not_measured(void **state) {
    (void)state;
    check_round_trip(0, false, (Text){NULL, 0});
    check_round_trip(SITE_BIT(SITE_MASKED_SCORES), false, (Text){NULL, 0});
}

// A run from elsewhere may have nothing but rows and keys.
static void a_step_without_optional_facts_comes_back_without_them(void **state) {
    (void)state;
    char *folder = folder_new(), *path = path_in(folder, "t.json");
    Timeline *timeline = timeline_make(0, false, TEXT("x")), *again;
    Error err;
    for (int i = 0; i < N_STEPS; i++) {
        Step *step = timeline->steps[i];
        step->facts = 0;
        step->n_candidates = 0;
        step->sites[SITE_ATTENTION] = NULL;
    }
    timeline->machine = (Machine){0};
    assert_true(trace_write_all(path, timeline, &err));
    if (!trace_read(&again, path, &err)) fail_msg("%s", err.text);
    for (int i = 0; i < N_STEPS; i++) {
        const Step *step = again->steps[i];
        assert_int_equal(step->facts, 0);
        assert_int_equal(step->n_candidates, 0);
        assert_null(step->sites[SITE_ATTENTION]);
        assert_memory_equal(step->keys, timeline->steps[i]->keys, (size_t)step->n_keys * sizeof *step->keys);
    }
    assert_null(again->machine.program.bytes);
    assert_int_equal(again->machine.n_threads, 0);
    trace_free(again);
    timeline_free(timeline);
    free(path);
    folder_remove(folder);
}

static void the_text_of_a_trace_is_utf8_without_raw_control_characters(void **state) {
    (void)state;
    char *folder = folder_new(), *path = path_in(folder, "t.json");
    Timeline *timeline = timeline_make(sites_of(&CONFIG, 0), true, TEXT("\x1b]0;title\x07 \xc2\x9b 猫"));
    Error err;
    assert_true(trace_write_all(path, timeline, &err));
    char *text = file_read(folder, "t.json", NULL);
    assert_true(text_is_clean(text_from(text)));
    for (const char *p = text; *p; p++) assert_true(*p == '\n' || (unsigned char)*p >= ' ');
    assert_null(strstr(text, "\xc2\x9b"));
    assert_non_null(strstr(text, "\\u001b]0;title\\u0007 \\u009b 猫"));
    assert_non_null(strstr(text, "\"text\": \" \uFFFD\uFFFD\", \"bytes\": [32,226,130]"));
    assert_null(strstr(text, "inf"));
    free(text);
    timeline_free(timeline);
    free(path);
    folder_remove(folder);
}

static void a_trace_that_is_not_finished_leaves_the_earlier_file_whole(void **state) {
    (void)state;
    char *folder = folder_new(), *path = path_in(folder, "t.json");
    Timeline *timeline = timeline_make(0, true, TEXT("x"));
    file_write_text(folder, "t.json", "earlier");
    TraceWriter writer;
    Error err;
    assert_true(trace_writer_open(&writer, path, timeline, &err));
    trace_write_step(&writer, timeline->steps[0]);
    char *text = file_read(folder, "t.json", NULL);
    assert_string_equal(text, "earlier");
    free(text);
    trace_abandon(&writer);
    text = file_read(folder, "t.json", NULL);
    assert_string_equal(text, "earlier");
    free(text);
    assert_int_equal(n_files(folder), 1);
    timeline_free(timeline);
    free(path);
    folder_remove(folder);
}

static void a_full_disk_is_an_error_and_leaves_the_earlier_file_whole(void **state) {
    (void)state;
    char *folder = folder_new(), *path = path_in(folder, "t.json");
    Timeline *timeline = timeline_make(sites_of(&CONFIG, 0), true, TEXT("x"));
    file_write_text(folder, "t.json", "earlier");
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit small = {4096, limit.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    Error err = {""};
    bool ok = trace_write_all(path, timeline, &err);
    setrlimit(RLIMIT_FSIZE, &limit);
    assert_false(ok);
    assert_says(err.text, "t.json: cannot be written");
    char *text = file_read(folder, "t.json", NULL);
    assert_string_equal(text, "earlier");
    assert_int_equal(n_files(folder), 1);
    free(text);
    timeline_free(timeline);
    free(path);
    folder_remove(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_read_back_is_the_same_timeline_and_writes_the_same_file),
        cmocka_unit_test(what_was_not_measured_comes_back_as_not_measured),
        cmocka_unit_test(a_step_without_optional_facts_comes_back_without_them),
        cmocka_unit_test(the_text_of_a_trace_is_utf8_without_raw_control_characters),
        cmocka_unit_test(a_trace_that_is_not_finished_leaves_the_earlier_file_whole),
        cmocka_unit_test(a_full_disk_is_an_error_and_leaves_the_earlier_file_whole),
    };
    return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
