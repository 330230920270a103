#include "tui/lesson/lesson_document.h"

#include "tui/app/view.h"
#include "tui/views/memory/memory.h"
#include "tui/widgets/quantity.h"

static bool add_number(cJSON *object, const char *name, double number) {
    return cJSON_AddNumberToObject(object, name, number);
}

static bool add_screen(cJSON *json, const App *app) {
    cJSON *screen = cJSON_AddObjectToObject(json, "screen");
    int branch = 0, n_branches = app->session ? session_n_branches(app->session) : 1;
    for (int i = 0; app->session && i < n_branches; i++)
        if (session_branch_at(app->session, i) == app->timeline) branch = i;
    const struct {
        const char *name;
        int number;
    } numbers[] = {
        {"layer", app->layer},     {"head", app->head},           {"row", app_step(app) ? app_row(app) : 0},
        {"src", app->src},         {"step", app->step},           {"n_steps", app->timeline->n_steps},
        {"stage", app->stage},     {"candidate", app->candidate}, {"branch", branch},
        {"n_branches", n_branches}};
    bool ok = screen && cJSON_AddStringToObject(screen, "view", app->view->name) &&
              cJSON_AddStringToObject(screen, "scale", SCALE_NAMES[app->scale]) &&
              cJSON_AddStringToObject(screen, "theme", THEME_NAMES[app->theme]) &&
              cJSON_AddBoolToObject(screen, "cross", app->is_cross) &&
              cJSON_AddBoolToObject(screen, "heads", app->shows_all_heads);
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

static bool add_memory(cJSON *json, const App *app) {
    const CacheSizes *sizes = &app->sizes;
    cJSON *memory = cJSON_AddObjectToObject(json, "memory");
    return memory && add_number(memory, "layers", (double)sizes->n_layers) &&
           add_number(memory, "heads", (double)sizes->n_heads) &&
           add_number(memory, "kv_heads", (double)sizes->n_kv_heads) &&
           add_number(memory, "d_head", (double)sizes->d_head) &&
           add_number(memory, "tokens", (double)sizes->length) &&
           add_number(memory, "sequences", (double)sizes->batch) &&
           add_number(memory, "bytes_per_number", sizes->bits / 8.0) &&
           add_number(memory, "bytes_per_token", (double)cache_sizes_bytes_per_token(sizes)) &&
           add_number(memory, "bytes", (double)cache_sizes_bytes(sizes)) &&
           add_number(memory, "budget", (double)app->memory) &&
           add_number(memory, "tokens_that_fit", (double)cache_sizes_max_tokens(sizes, app->memory));
}

bool lesson_document(TraceDocument *document, const App *app, Error *err) {
    if (!trace_document_make(document, app->timeline, app->step, err)) return false;
    cJSON *json = document->json;
    bool ok = add_screen(json, app) && add_memory(json, app);
    if (ok && app_step(app))
        ok = add_costs(json, "counts", app, false) && add_costs(json, "totals", app, true);
    return ok || error_no_memory(err, "a document", 0);
}
