#include "tui/lesson/lesson_document.h"

#include "tui/app/program.h"
#include "tui/widgets/quantity.h"

static bool add_number(cJSON *object, const char *name, double number) {
    return cJSON_AddNumberToObject(object, name, number);
}

static bool add_screen(cJSON *screen, const App *app) {
    int branch = 0, n_branches = app->session ? session_n_branches(app->session) : 1;
    for (int i = 0; app->session && i < n_branches; i++)
        if (session_branch_at(app->session, i) == app->timeline) branch = i;
    const struct {
        const char *name;
        int number;
    } numbers[] = {{"layer", app->layer},
                   {"head", app->head},
                   {"row", app_step(app) ? app_row(app) : 0},
                   {"step", app->step},
                   {"n_steps", app->timeline->n_steps},
                   {"branch", branch},
                   {"n_branches", n_branches}};
    bool ok = cJSON_AddStringToObject(screen, "view", app->view->name) &&
              cJSON_AddStringToObject(screen, "scale", SCALE_NAMES[app->scale]) &&
              cJSON_AddStringToObject(screen, "theme", THEME_NAMES[app->theme]) &&
              cJSON_AddBoolToObject(screen, "cross", app->is_cross);
    for (size_t i = 0; ok && i < sizeof numbers / sizeof *numbers; i++)
        ok = add_number(screen, numbers[i].name, numbers[i].number);
    return ok;
}

static bool add_costs(cJSON *json, const char *name, const App *app, bool is_sum) {
    static const char *const WAYS[] = {"cached", "recompute"};
    static const char *const NAMES[QUANTITY_COUNT] = {[QUANTITY_FLOPS] = "flops",
                                                      [QUANTITY_BYTES] = "bytes",
                                                      [QUANTITY_TIME] = "nanoseconds",
                                                      [QUANTITY_PASSES] = "token_passes",
                                                      [QUANTITY_PAIRS] = "attention_pairs"};
    cJSON *object = cJSON_AddObjectToObject(json, name);
    bool ok = object;
    for (int way = 0; ok && way < 2; way++) {
        cJSON *costs = cJSON_AddObjectToObject(object, WAYS[way]);
        ok = costs;
        for (int q = 0; ok && q < QUANTITY_COUNT; q++) {
            int64_t n = is_sum ? quantity_until(app->timeline, app->step, (Quantity)q, way == 1)
                               : quantity_of(app_step(app), (Quantity)q, way == 1);
            ok = n == NOT_MEASURED || add_number(costs, NAMES[q], (double)n);
        }
    }
    return ok;
}

static bool add_views(cJSON *json, cJSON *screen, const App *app) {
    bool ok = true;
    for (int i = 0; ok && i < app->program->n_views; i++) {
        const View *view = app->program->views[i];
        if (view->describe) ok = view->describe(app, app->states[i], json, screen);
    }
    return ok;
}

bool lesson_document(TraceDocument *document, const App *app, Error *err) {
    if (!trace_document_make(document, app->timeline, app->step, err)) return false;
    cJSON *json = document->json, *screen = cJSON_AddObjectToObject(json, "screen");
    bool ok = screen && add_screen(screen, app) && add_views(json, screen, app);
    if (ok && app_step(app))
        ok = add_costs(json, "counts", app, false) && add_costs(json, "totals", app, true);
    return ok || error_no_memory(err, "a document", 0);
}
