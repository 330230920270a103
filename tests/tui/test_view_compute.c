// The compute view: closed forms against what the Steps counted, and what is on the screen against the Steps.
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/program.h"
#include "traces/trace_read.h"
#include "tui/app/draw.h"
#include "tui/app/input.h"
#include "tui/app/view.h"
#include "tui/widgets/quantity.h"

static Timeline *open_trace(App *app, const char *path) {
    Error err;
    Timeline *timeline;
    if (!trace_read(&timeline, path, &err)) fail_msg("%s", err.text);
    assert_true(app_init(app, &PROGRAM, timeline, NULL, &err));
    app_key(app, "5");
    return timeline;
}

// The screen as text, on the heap.
static char *screen(const App *app, Canvas *canvas, int n_rows, int n_columns) {
    assert_true(canvas_resize(canvas, n_rows, n_columns));
    app_draw(app, canvas);
    return canvas_to_text(canvas, false);
}

static void assert_screen(const App *app, const char *part, bool is_there) {
    Canvas canvas = {0};
    char *text = screen(app, &canvas, 24, 80);
    if (!strstr(text, part) == is_there)
        fail_msg("\"%s\" %s on the screen:\n%s", part, is_there ? "is not" : "is", text);
    free(text);
    canvas_done(&canvas);
}

static void every_closed_form_matches_the_counted_cost(void **state) {
    (void)state;
    static const char *const TRACES[] = {"tests/golden/story/trace.json", "tests/golden/screens/gqa.json",
                                         "tests/golden/screens/dates.json"};
    App app;
    for (int i = 0; i < 3; i++) {
        Timeline *timeline = open_trace(&app, TRACES[i]);
        for (int step = 0; step < timeline->n_steps; step++)
            for (int i_quantity = 0; i_quantity < 3; i_quantity++)
                for (int way = 0; way < 2; way++) {
                    Quantity quantity =
                        (const Quantity[]){QUANTITY_FLOPS, QUANTITY_PASSES, QUANTITY_PAIRS}[i_quantity];
                    assert_int_equal(quantity_analytic(timeline, step, quantity, way),
                                     quantity_until(timeline, step, quantity, way));
                }
        app_done(&app);
        trace_free(timeline);
    }
}

static void a_prompt_of_one_token_gives_the_textbook_ratios(void **state) {
    (void)state;
    Timeline timeline = {.n_prompt = 1};
    for (int n = 1; n < 300; n++) {
        int64_t passes[2], pairs[2];
        for (int way = 0; way < 2; way++) {
            passes[way] = quantity_analytic(&timeline, n - 1, QUANTITY_PASSES, way);
            pairs[way] = quantity_analytic(&timeline, n - 1, QUANTITY_PAIRS, way);
        }
        assert_int_equal(2 * passes[1], (n + 1) * passes[0]);
        assert_int_equal(3 * pairs[1], (2 * n + 1) * pairs[0]);
    }
}

static void a_sum_too_large_for_a_number_stays_the_largest(void **state) {
    (void)state;
    Place row = {0};
    Step step = {.facts = FACT_COST, .n_rows = 1, .rows = &row, .cached = {.flops = INT64_MAX / 2}};
    Step *steps[] = {&step, &step, &step};
    Timeline timeline = {.steps = steps, .n_steps = 3};
    assert_true(quantity_until(&timeline, 1, QUANTITY_FLOPS, false) == INT64_MAX - 1);
    assert_true(quantity_until(&timeline, 2, QUANTITY_FLOPS, false) == INT64_MAX);
}

static void the_figures_come_from_the_steps_and_a_wrong_count_shows(void **state) {
    (void)state;
    App app;
    Timeline *timeline = open_trace(&app, "tests/golden/screens/gqa.json");
    app_key(&app, "End");
    for (int quantity = 0; quantity < QUANTITY_COUNT; quantity++)
        for (int way = 0; way < 2; way++) {
            Quantity q = (Quantity)quantity;
            assert_screen(&app, quantity_format(q, quantity_of(app_step(&app), q, way)).text, true);
            assert_screen(&app, quantity_format(q, quantity_until(timeline, app.step, q, way)).text, true);
        }
    assert_screen(&app, "✗", false);
    timeline->steps[app.step]->cached.flops++;
    assert_screen(&app, "✗", true);
    timeline->steps[app.step]->cached.flops--;
    app_done(&app);
    trace_free(timeline);
}

static void without_a_recomputation_the_view_says_so(void **state) {
    (void)state;
    App app;
    Timeline *timeline = open_trace(&app, "tests/golden/story/trace.json");
    for (int i = 0; i < timeline->n_steps; i++) {
        timeline->steps[i]->recompute.counted = false;
        timeline->steps[i]->facts &= ~(unsigned)FACT_COMPARISON;
        timeline->steps[i]->recompute.nanoseconds = NOT_MEASURED;
    }
    app_key(&app, "End");
    assert_screen(&app, "Recomputation was not run", true);
    app_key(&app, "u");
    app_key(&app, "u");
    assert_screen(&app, "there is no time to draw", true);
    app_done(&app);
    trace_free(timeline);
}

static void a_click_on_a_column_goes_to_its_step(void **state) {
    (void)state;
    App app;
    Canvas canvas = {0};
    Timeline *timeline = open_trace(&app, "tests/golden/story/trace.json");
    free(screen(&app, &canvas, 36, 120));
    int last = -1;
    for (int column = 0; column < 60; column++) { // the chart's lowest line, above the steps' numbers
        const Target *target = &canvas_cell(&canvas, 33, column)->target;
        if (!target->command) continue;
        assert_string_equal(target->command, "goto");
        assert_true(target->arguments[0] == last || target->arguments[0] == last + 1);
        last = target->arguments[0];
    }
    assert_int_equal(last, timeline->n_steps - 1);
    canvas_done(&canvas);
    app_done(&app);
    trace_free(timeline);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_closed_form_matches_the_counted_cost),
        cmocka_unit_test(a_prompt_of_one_token_gives_the_textbook_ratios),
        cmocka_unit_test(a_sum_too_large_for_a_number_stays_the_largest),
        cmocka_unit_test(the_figures_come_from_the_steps_and_a_wrong_count_shows),
        cmocka_unit_test(without_a_recomputation_the_view_says_so),
        cmocka_unit_test(a_click_on_a_column_goes_to_its_step),
    };
    return cmocka_run_group_tests_name("the compute view", tests, NULL, NULL);
}
