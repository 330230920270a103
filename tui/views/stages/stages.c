// The forward pass of one row as a debugger steps through it.
//
//     ┌ stages · row 7 “girl” ─┬──────────────────────────────────────┐
//     │   1 embedding          │ stage 20 / 63 · layer 1 · scores     │
//     │     layer 0 …          │ formula   q · kᵀ / √d_head           │
//     │     layer 1            │ reads     □ q: computed now          │
//     │ • 17  q                │           ■ k: slots 0–6 read back   │
//     │ • 18  k                │                                      │
//     │ ▶ 20  scores           │ ■ Once  ░▒▓-=░▒▓-=   →  -1.23        │
//     └────────────────────────┴──────────────────────────────────────┘
//
// The list shows the stages in order, the App's layer unfolded: ▶ is the present one, • those that it reads.
#include "tui/app/command.h"
#include "tui/app/command_argument.h"
#include "tui/views/views.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdio.h>

#include "tui/screen/frame_lines.h"
#include "tui/views/stages/stages_internal.h"

// ---- what the stages are ------------------------------------------------------------------------

bool stages_has(const Timeline *run, SiteId site) {
    return sites_of(&run->config, run->n_source) & SITE_BIT(site);
}

// Sites that a layer has, in order.
static SiteMask layer_sites(const Timeline *run) {
    SiteMask mask = 0;
    for (int site = 0; site < SITE_COUNT; site++)
        if (SITES[site].per_layer) mask |= SITE_BIT(site);
    return mask & sites_of(&run->config, run->n_source);
}

static int layer_count(const Timeline *run) {
    return __builtin_popcountll(layer_sites(run));
}

int stages_count(const Timeline *run) {
    return 3 + run->config.n_layers * layer_count(run);
}

Stage stages_at(const Timeline *run, int index) {
    int per_layer = layer_count(run), n = stages_count(run);
    if (index == 0) return (Stage){SITE_EMBEDDING, 0};
    if (index >= n - 2) return (Stage){index == n - 2 ? SITE_FINAL_NORM : SITE_LOGITS, 0};
    SiteMask left = layer_sites(run);
    for (int i = (index - 1) % per_layer; i > 0; i--) left &= left - 1;
    return (Stage){(SiteId)__builtin_ctzll(left), (index - 1) / per_layer};
}

int stages_find(const Timeline *run, SiteId site, int layer) {
    if (site == SITE_EMBEDDING) return 0;
    if (site == SITE_FINAL_NORM) return stages_count(run) - 2;
    if (site == SITE_LOGITS) return stages_count(run) - 1;
    SiteMask before = layer_sites(run) & (SITE_BIT(site) - 1);
    return 1 + layer * layer_count(run) + __builtin_popcountll(before);
}

Stop stages_stop(const App *app, const Stages *stages) {
    const Config *config = &app->timeline->config;
    int index = stages_find(app->timeline, stages->site, app->layer);
    Stop stop = {.app = app, .config = config, .index = index, .stage = stages_at(app->timeline, index)};
    if (!app_step(app)) return stop;
    stop.position = app_row(app);
    stop.step = app_step_of_row(app, stop.position);
    if (stop.step) stop.row = stop.position - step_first_token(stop.step);
    return stop;
}

// ---- the list -----------------------------------------------------------------------------------

typedef struct List {
    const Stop *stop;
    Input inputs[MOST_INPUTS];
    int n_inputs;
    Rect rect;
    int line, first_line; // the next line, and the topmost that is visible
    int present;          // the line of the present stage
} List;

// The row of the next line; -1 where it is not visible.
static int next_row(List *list) {
    int row = list->line++ - list->first_line;
    return row >= 0 && row < list->rect.n_rows ? list->rect.row + row : -1;
}

static void draw_cache_mark(const List *list, Canvas *canvas, int y, SiteId site) {
    const Config *c = list->stop->config;
    const Step *step = list->stop->step;
    bool is_cross = site == SITE_CROSS_K || site == SITE_CROSS_V;
    bool fills = site == stages_k_site(c) || site == SITE_V || (is_cross && (!step || step->index == 0));
    bool reads = (is_cross && !fills) || (stages_is_product(site) && step && step_first_token(step) > 0);
    if (!fills && !reads) return;
    int x = list->rect.column + list->rect.n_columns - 1;
    canvas_print(canvas, y, x, 1, fills ? ROLE_NEW : ROLE_STORED, fills ? "□" : "■");
}

static void draw_stage(List *list, Canvas *canvas, int index) {
    Stage stage = stages_at(list->stop->app->timeline, index);
    bool is_present = index == list->stop->index, is_input = false;
    if (is_present) list->present = list->line;
    int y = next_row(list), x = list->rect.column, width = list->rect.n_columns;
    if (y < 0) return;
    for (int i = 0; i < list->n_inputs; i++) is_input |= list->inputs[i].stage == index;
    canvas_target(canvas, "stage", index + 1, -1);
    canvas_print(canvas, y, x, width, ROLE_TEXT, "%*s", width, ""); // all of the line can be clicked
    canvas_print(canvas, y, x, 1, is_present ? ROLE_KEY : ROLE_DIM, "%s",
                 is_present ? "▶"
                 : is_input ? "•"
                            : "");
    int name_at = 2;
    if (width >= 30) {
        canvas_print(canvas, y, x + 2, 4, ROLE_DIM, "%4d", index + 1);
        name_at = SITES[stage.site].per_layer ? 8 : 7;
    }
    Role role = is_present ? ROLE_CURSOR : is_input ? ROLE_TITLE : ROLE_TEXT;
    canvas_print(canvas, y, x + name_at, width - name_at, role, "%s", SITES[stage.site].name);
    draw_cache_mark(list, canvas, y, stage.site);
    canvas_target(canvas, NULL, -1, -1);
}

// A layer's line leads to the same site there.
static void draw_layer(List *list, Canvas *canvas, int layer) {
    const Stop *stop = list->stop;
    bool is_open = layer == stop->app->layer, within = SITES[stop->stage.site].per_layer;
    int y = next_row(list), at = list->rect.n_columns >= 30 ? 7 : 2;
    canvas_target(canvas, "stage",
                  stages_find(stop->app->timeline, within ? stop->stage.site : SITE_LN_1, layer) + 1, -1);
    canvas_print(canvas, y, list->rect.column + at, list->rect.n_columns - at, is_open ? ROLE_TEXT : ROLE_DIM,
                 is_open ? _("layer %d") : _("layer %d …"), layer);
    canvas_target(canvas, NULL, -1, -1);
    if (!is_open) return;
    int first = stages_find(stop->app->timeline, SITE_LN_1, layer);
    for (int i = 0; i < layer_count(stop->app->timeline); i++) draw_stage(list, canvas, first + i);
}

static void draw_lines(List *list, Canvas *canvas) {
    const Config *c = list->stop->config;
    list->line = 0;
    draw_stage(list, canvas, 0);
    for (int layer = 0; layer < c->n_layers; layer++) draw_layer(list, canvas, layer);
    draw_stage(list, canvas, stages_count(list->stop->app->timeline) - 2);
    draw_stage(list, canvas, stages_count(list->stop->app->timeline) - 1);
}

static void draw_list(const Stop *stop, Canvas *canvas, Rect rect) {
    bool is_tall = rect.n_rows >= 24;
    int y = rect.row + rect.n_rows - 1, x = rect.column;
    rect.n_rows -= is_tall ? 3 : 1;
    List list = {.stop = stop, .rect = rect, .first_line = 1 << 20}; // the first time nothing is visible
    list.n_inputs = stages_inputs(stop->app->timeline, stop->stage, list.inputs);
    draw_lines(&list, canvas);
    int most = list.line > rect.n_rows ? list.line - rect.n_rows : 0, wanted = list.present - rect.n_rows / 2;
    list.first_line = wanted < 0 ? 0 : wanted > most ? most : wanted;
    draw_lines(&list, canvas);

    if (is_tall) canvas_print(canvas, y - 1, x, rect.n_columns, ROLE_DIM, _("▶ here  • what it reads"));
    x += canvas_print(canvas, y, x, rect.n_columns, ROLE_NEW, "□");
    x += canvas_print(canvas, y, x, 20, ROLE_DIM, _(" fills the cache "));
    if (rect.n_columns < 25) x = rect.column + 15;
    x += canvas_print(canvas, y, x, 1, ROLE_STORED, "■");
    canvas_print(canvas, y, x, 20, ROLE_DIM, _(" reads"));
}

// ---- the view -----------------------------------------------------------------------------------

static void title(const App *app, const void *state, char *title, size_t size) {
    (void)state;
    if (!app_step(app)) {
        snprintf(title, size, _("stages"));
        return;
    }
    int position = app_row(app);
    if (app_is_new_row(app, position))
        snprintf(title, size, _("stages · row %d"), position);
    else
        snprintf(title, size, _("row %d: the pass of step %d"), position,
                 app_step_of_row(app, position)->index);
}

static void draw_stop(const Stop *stop, Canvas *canvas, Rect rect) {
    int used = 0;
    stages_draw_facts(stop, canvas, rect, &used);
    used += rect.n_rows >= 26;
    rect.row += used, rect.n_rows -= used;
    SiteId site = stop->stage.site;
    if (stages_is_product(site)) {
        used = 1 + stages_draw_operands(stop, canvas, rect);
        rect.row += used, rect.n_rows -= used;
    }
    if (stages_row_stats(stop).n == 0) return;
    SiteShape shape = SITES[site].shape;
    if (shape == SITE_HEAD_ROW_KEY || shape == SITE_HEAD_ROW_SOURCE)
        stages_draw_sources(stop, canvas, rect);
    else
        stages_draw_numbers(stop, canvas, rect);
}

static void draw(const App *app, const void *state, Canvas *canvas, Rect inside) {
    static const Start START = {N_("No pass has run yet."), N_("runs the whole prompt: the prefill"),
                                N_("runs one token: a decode step"),
                                N_("Then every stage: its formula, its numbers,\n"
                                   "and which of them came from the cache.")};
    Stop stop = stages_stop(app, state);
    int width = inside.n_columns >= 110 ? 34 : 25, middle = inside.column + width + 1;
    frame_split(canvas, inside, middle, inside.row - 1);
    draw_list(&stop, canvas, (Rect){inside.row, inside.column, inside.n_rows, width});
    Rect rest = {inside.row, middle + 2, inside.n_rows, inside.column + inside.n_columns - middle - 2};
    if (stop.step)
        draw_stop(&stop, canvas, rest);
    else
        panel_start_draw(app, canvas, rest, &START);
}

// ---- commands -----------------------------------------------------------------------------------

// The sites that the model has; returns how many.
static int sites_of_model(const Timeline *run, SiteId *sites, const char **names) {
    int n = 0;
    for (int site = 0; site < SITE_COUNT; site++)
        if (stages_has(run, (SiteId)site)) names[n] = SITES[site].name, sites[n++] = (SiteId)site;
    return n;
}

static bool run_stage(App *app, const char *argument, Error *err) {
    Stages *stages = view_state(app, &VIEW_STAGES);
    const Timeline *run = app->timeline;
    const char *names[SITE_COUNT];
    SiteId sites[SITE_COUNT];
    int index = stages_find(run, stages->site, app->layer), named = 0;
    if (isalpha((unsigned char)*argument)) { // of the present layer
        if (!argument_word(&named, sites_of_model(run, sites, names), names, argument, "stage", err))
            return false;
        index = stages_find(run, sites[named], app->layer);
    } else if (!argument_rank(&index, stages_count(run), argument, "stage", err)) {
        return false;
    }
    Stage stage = stages_at(run, index);
    stages->site = stage.site;
    if (SITES[stage.site].per_layer) app->layer = stage.layer;
    return true;
}

static bool offer_sites(const App *app, int index, char out[CHOICE_BYTES]) {
    const char *names[SITE_COUNT];
    SiteId sites[SITE_COUNT];
    if (index >= sites_of_model(app->timeline, sites, names)) return false;
    snprintf(out, CHOICE_BYTES, "%s", names[index]);
    return true;
}

static const Command COMMANDS[] = {
    {"stage", "N | +N | -N | SITE", N_("another stage of the forward pass"), .run = run_stage,
     .choices = offer_sites},
    {0},
};

static const Key KEYS[] = {
    {"Right", "stage +1"}, {"Left", "stage -1"}, {"Up", "row -1"}, {"Down", "row +1"}, {0},
};

// ---- the table ----------------------------------------------------------------------------------

// Another model may not have the site.
static void reset(const App *app, void *state) {
    (void)app;
    *(Stages *)state = (Stages){SITE_EMBEDDING};
}

static bool describe(const App *app, const void *state, cJSON *document, cJSON *screen) {
    const Stages *stages = state;
    (void)document;
    return cJSON_AddNumberToObject(screen, "stage", stages_find(app->timeline, stages->site, app->layer));
}

const View VIEW_STAGES = {
    .name = N_("stages"),
    .help = N_("the pass of one row, stage by stage: what each computes, and from what"),
    .state_size = sizeof(Stages),
    .needs_numbers = true,
    .reset = reset,
    .describe = describe,
    .title = title,
    .draw = draw,
    .commands = COMMANDS,
    .keys = KEYS,
    .hints =
        {
            {{"stage -1", "stage +1"}, N_("stage")},
            {{"row -1", "row +1"}, N_("row")},
            {{"step"}, N_("step")},
            {{"back"}, N_("back")},
            {{"head -1", "head +1"}, N_("head")},
            {{"layer +1", "layer -1"}, N_("layer")},
        },
};
