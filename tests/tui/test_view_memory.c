// The memory view: its numbers against the formula, its commands, its click targets. No terminal, no model.
#include "tests/tui/view_support.h"

#include "core/decode/cost_formula.h"
#include "tui/screen/format.h"
#include "tui/views/memory/memory.h"

static MemoryView *memory_of(Screen *f) {
    return view_state(&f->app, &VIEW_MEMORY);
}

static void assert_shows_bytes(Screen *f, int64_t n_bytes) {
    char words[64];
    snprintf(words, sizeof words, "%s B", format_grouped(n_bytes).text);
    assert_shows(f, words);
}

static void the_view_starts_with_the_models_sizes_and_its_actual_bytes(void **state) {
    (void)state;
    const char *traces[] = {STORY, GQA, DATES};
    for (int i = 0; i < 3; i++) {
        Screen f;
        open_view(&f, traces[i], "view memory");
        const Config *c = &f.timeline->config;
        assert_shows_bytes(&f, cache_bytes_formula(c, c->n_ctx) +
                                   cross_cache_bytes_formula(c, f.timeline->n_source));
        app_key(&f.app, "n");
        const CacheFacts *cache = &app_step(&f.app)->cache;
        assert_shows_bytes(&f, cache->bytes + cache->cross_bytes);
        close_view(&f);
    }
}

static void a_factor_is_set_by_name_and_its_range_is_named(void **state) {
    (void)state;
    Screen f;
    open_view(&f, STORY, "view memory");
    assert_true(command_execute(&f.app, "factor length 4096"));
    assert_true(command_execute(&f.app, "factor layers 32"));
    assert_true(command_execute(&f.app, "factor dtype bf16"));
    assert_true(command_execute(&f.app, "factor memory 24 GB"));
    assert_int_equal(memory_of(&f)->memory, 24000000000);
    assert_shows_bytes(&f, (int64_t)2 * 32 * f.timeline->config.n_kv_heads * f.timeline->config.d_head *
                               4096 * 2);
    CacheSizes before = memory_of(&f)->sizes;
    assert_false(command_execute(&f.app, "factor length 0"));
    assert_says(f.app.message, "from 1 to 1,000,000,000");
    assert_false(command_execute(&f.app, "factor kv_heads 5"));
    assert_says(f.app.message, "give a divisor of");
    assert_false(command_execute(&f.app, "factor dtype f64"));
    assert_false(command_execute(&f.app, "factor memory much"));
    assert_false(command_execute(&f.app, "factor width 3"));
    assert_says(f.app.message, "n_kv_heads");
    assert_memory_equal(&before, &memory_of(&f)->sizes, sizeof before);
    assert_true(command_execute(&f.app, "sizes"));
    assert_int_equal(memory_of(&f)->sizes.length, f.timeline->config.n_ctx);
    close_view(&f);
}

static void keys_select_a_factor_and_go_through_useful_values(void **state) {
    (void)state;
    Screen f;
    open_view(&f, GQA, "view memory");
    int64_t layers = memory_of(&f)->sizes.n_layers;
    app_key(&f.app, "Right");
    assert_int_equal(memory_of(&f)->sizes.n_layers, layers + 1);
    app_key(&f.app, "Down");
    app_key(&f.app, "Down");
    for (int i = 0; i < 10; i++) app_key(&f.app, "Right");
    assert_int_equal(memory_of(&f)->sizes.n_kv_heads, memory_of(&f)->sizes.n_heads);
    for (int i = 0; i < 10; i++) app_key(&f.app, "Left");
    assert_int_equal(memory_of(&f)->sizes.n_kv_heads, 1);
    app_key(&f.app, "Up");
    app_key(&f.app, "Up");
    app_key(&f.app, "Up"); // around to the model
    app_key(&f.app, "Right");
    assert_string_equal(memory_row_name(memory_of(&f), memory_of(&f)->row), "GPT-2 small");
    assert_shows(&f, "[GPT-2 small]");
    close_view(&f);
}

// Clicks the first cell of these words.
static void click(Screen *f, const char *words) {
    free(draw(f, 36, 120));
    for (int row = 0; row < 36; row++)
        for (int column = 0; column < 100; column++) {
            size_t i = 0;
            while (words[i] && canvas_cell(&f->canvas, row, column + (int)i)->glyph[0] == words[i]) i++;
            if (words[i]) continue;
            char line[64];
            Target target = canvas_cell(&f->canvas, row, column)->target;
            assert_non_null(target.command);
            int n = snprintf(line, sizeof line, "%s", target.command);
            for (int k = 0; k < 2; k++)
                if (target.arguments[k] >= 0)
                    n += snprintf(line + n, sizeof line - (size_t)n, " %d", target.arguments[k]);
            assert_true(command_execute(&f->app, line));
            return;
        }
    fail_msg("%s is not on the screen", words);
}

static void a_click_takes_a_models_sizes_or_a_factor(void **state) {
    (void)state;
    Screen f;
    open_view(&f, STORY, "view memory");
    click(&f, "Llama 2 7B");
    assert_says(f.app.message, "meta-llama/Llama-2-7b-hf");
    assert_shows_bytes(&f, 2147483648); // at 4,096 tokens in f16
    click(&f, "batch");
    assert_int_equal(memory_of(&f)->factor, FACTOR_BATCH);
    assert_true(command_execute(&f.app, "sizes mistral-7b-v0.3"));
    assert_shows_bytes(&f, 4294967296);
    assert_false(command_execute(&f.app, "sizes 25"));
    assert_false(command_execute(&f.app, "sizes nothing"));
    close_view(&f);
}

static void the_tokens_that_fit_match_the_formula(void **state) {
    (void)state;
    Screen f;
    open_view(&f, STORY, "view memory");
    command_execute(&f.app, "sizes llama-2-7b");
    command_execute(&f.app, "factor memory 16GB");
    assert_shows(&f, "30,517"); // 16e9 / (2 · 32 · 32 · 128 · 2)
    close_view(&f);
}

static void any_size_and_any_keys_draw_without_a_fault(void **state) {
    (void)state;
    static const char *const KEYS[] = {"Right", "Right", "Left", "Up", "Down", "n", "p", "r"};
    const char *traces[] = {STORY, GQA, DATES};
    srand(1);
    for (int i = 0; i < 3; i++) {
        Screen f;
        Error err;
        open_view(&f, traces[i], "view memory");
        for (int k = 0; k < 1500; k++) {
            app_key(&f.app, KEYS[rand() % 8]);
            if (k == 700)
                command_execute(&f.app, "factor length 1000000000"),
                    command_execute(&f.app, "factor batch 1000000");
            assert_true(cache_sizes_check(&memory_of(&f)->sizes, &err));
            f.canvas.ascii = rand() % 2;
            free(draw(&f, 24 + rand() % 47, 80 + rand() % 171));
        }
        close_view(&f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_view_starts_with_the_models_sizes_and_its_actual_bytes),
        cmocka_unit_test(a_factor_is_set_by_name_and_its_range_is_named),
        cmocka_unit_test(keys_select_a_factor_and_go_through_useful_values),
        cmocka_unit_test(a_click_takes_a_models_sizes_or_a_factor),
        cmocka_unit_test(the_tokens_that_fit_match_the_formula),
        cmocka_unit_test(any_size_and_any_keys_draw_without_a_fault),
    };
    return cmocka_run_group_tests_name("memory view", tests, NULL, NULL);
}
