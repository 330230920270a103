// What the steps cost with the cache and without it: counted, measured, by the formula, and as curves.
//
//     ┌ compute ─────────────────────────┐
//     │ this step         so far         │
//     ├ closed forms ────────────────────┤
//     ├ so far ──────────┬ of each step ─┤    the second chart where there is room
//     └──────────────────┴───────────────┘
#include "tui/app/command.h"
#include "tui/app/command_argument.h"
#include "tui/app/view.h"

#include <stdio.h>

#include "tui/screen/frame_lines.h"
#include "tui/views/compute/compute_internal.h"
#include "tui/views/views.h"
#include "tui/widgets/attended.h"
#include "tui/widgets/start.h"

enum { TWO_CHARTS = 110 }; // columns

static void title(const App *app, const void *state, char *title, size_t size) {
    (void)state;
    if (!app_step(app) || app_step(app)->recompute.counted)
        snprintf(title, size, _("compute"));
    else
        snprintf(title, size, _("compute · not recomputed"));
}

static void draw_chart(const App *app, Canvas *canvas, Rect rect, Quantity quantity, bool sums) {
    char text[96];
    chart_title(quantity, sums, text, sizeof text);
    frame_title(canvas, rect.row - 1, rect.column, rect.n_columns, "%s", text);
    chart_draw(app, canvas, rect, quantity, sums);
}

static void draw(const App *app, const void *state, Canvas *canvas, Rect inside) {
    Quantity quantity = (Quantity)((const Compute *)state)->quantity;
    static const Start START = {N_("Nothing has been computed yet."),
                                N_("runs the prefill: all prompt tokens in one pass"),
                                N_("runs a decode step: one token with the cache, all of them without"),
                                N_("Then what each way costs, counted and measured, and how it grows.")};
    if (!app_step(app)) {
        start_draw(app, canvas, inside, &START);
        return;
    }
    if (quantity_until(app->timeline, app->step, QUANTITY_FLOPS, false) == NOT_MEASURED ||
        quantity_until(app->timeline, app->step, QUANTITY_FLOPS, true) == NOT_MEASURED) {
        attended_draw_missing(canvas, inside, _("costs"));
        return;
    }
    char text[128];
    int forms = inside.row + COSTS_ROWS, charts = forms + 1 + FORMS_ROWS, bottom = inside.row + inside.n_rows;
    int middle = inside.column + inside.n_columns / 2;
    bool has_two = inside.n_columns >= TWO_CHARTS;
    costs_draw(app, canvas, (Rect){inside.row, inside.column, COSTS_ROWS, inside.n_columns}, quantity);
    forms_title(app, text, sizeof text);
    frame_line(canvas, inside, forms, 0, NULL);
    frame_title(canvas, forms, inside.column, inside.n_columns, "%s", text);
    forms_draw(app, canvas, (Rect){forms + 1, inside.column, FORMS_ROWS, inside.n_columns});
    frame_line(canvas, inside, charts, 0, NULL);
    Rect chart = {charts + 1, inside.column, bottom - charts - 1, inside.n_columns};
    if (has_two) {
        chart.n_columns = middle - inside.column - 1;
        frame_split(canvas, inside, middle, charts);
        draw_chart(app, canvas,
                   (Rect){chart.row, middle + 2, chart.n_rows, inside.column + inside.n_columns - middle - 2},
                   quantity, false);
    }
    draw_chart(app, canvas, chart, quantity, true);
}

static bool run_quantity(App *app, const char *argument, Error *err) {
    Compute *compute = view_state(app, &VIEW_COMPUTE);
    return argument_word(&compute->quantity, QUANTITY_COUNT, QUANTITY_WORDS, argument, "quantity", err);
}

static const Command COMMANDS[] = {
    {"quantity", "flops | bytes | time | passes | pairs", N_("what the compute view draws"),
     .run = run_quantity, .words = QUANTITY_WORDS, .n_words = QUANTITY_COUNT},
    {0},
};

static const Key KEYS[] = {
    {"u", "quantity"},
    {0},
};

const View VIEW_COMPUTE = {
    .name = N_("compute"),
    .help = N_("FLOPs, bytes and time, cached and recomputed, with the closed forms and the curves"),
    .state_size = sizeof(Compute),
    .title = title,
    .draw = draw,
    .commands = COMMANDS,
    .keys = KEYS,
    .hints =
        {
            {{"step"}, N_("step")},
            {{"back"}, N_("back")},
            {{"play"}, N_("play")},
            {{"quantity"}, N_("quantity")},
        },
    .hint_word = view_hint_of_play,
};
