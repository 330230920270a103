#include "lessons/trace_document.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/array.h"
#include "core/base/file.h"
#include "traces/trace_write.h"

static cJSON *find(const TraceDocument *document, const Step *step) {
    for (int i = 0; i < document->n_known; i++)
        if (document->known[i].step == step) return document->known[i].json;
    return NULL;
}

static bool is_in(const Timeline *timeline, const Step *step) {
    return step->index < timeline->n_steps && timeline->steps[step->index] == step;
}

static void forget(KnownStep *known) {
    cJSON_Delete(known->json);
    step_free(known->step);
}

// Releases the Steps that are no longer in the Timeline.
static void forget_others(TraceDocument *document, const Timeline *timeline) {
    int n = 0;
    for (int i = 0; i < document->n_known; i++) {
        if (is_in(timeline, document->known[i].step))
            document->known[n++] = document->known[i];
        else
            forget(&document->known[i]);
    }
    document->n_known = n;
}

// Writes the trace with only those Steps that are not known yet.
static bool write_new(const TraceDocument *document, const Timeline *timeline, cJSON **out, Error *err) {
    TraceWriter writer;
    char *text = NULL;
    size_t n_bytes;
    FILE *stream = open_memstream(&text, &n_bytes);
    if (!stream) return error_no_memory(err, "a document", 0);
    bool ok = trace_writer_open_stream(&writer, stream, "a document", timeline, err);
    for (int i = 0; ok && i < timeline->n_steps; i++)
        if (!find(document, timeline->steps[i])) trace_write_step(&writer, timeline->steps[i]);
    ok = ok && trace_finish(&writer, timeline, err);
    if (fclose(stream) != 0 && ok) ok = error_no_memory(err, "a document", n_bytes);
    ok = ok && json_parse(out, text, n_bytes, "a document", err);
    free(text);
    return ok;
}

static bool keep(TraceDocument *document, cJSON *json, Step *step) {
    if (!json || !array_grow((void **)&document->known, document->n_known, sizeof *document->known))
        return false;
    document->known[document->n_known++] = (KnownStep){step_share(step), json};
    return true;
}

bool trace_document_make(TraceDocument *document, const Timeline *timeline, int shown, Error *err) {
    cJSON *written = NULL;
    cJSON_Delete(document->json);
    document->json = NULL;
    forget_others(document, timeline);
    if (!write_new(document, timeline, &written, err)) return false;
    cJSON *steps = cJSON_CreateArray(), *fresh = cJSON_GetObjectItemCaseSensitive(written, "steps");
    bool ok = steps;
    for (int i = 0; ok && i < timeline->n_steps; i++) {
        Step *step = timeline->steps[i];
        if (!find(document, step)) ok = keep(document, cJSON_DetachItemFromArray(fresh, 0), step);
        ok = ok && cJSON_AddItemReferenceToArray(steps, find(document, step));
    }
    ok = ok && cJSON_ReplaceItemInObjectCaseSensitive(written, "steps", steps);
    cJSON *step = shown >= 0 && ok ? find(document, timeline->steps[shown]) : NULL;
    if (step) {
        cJSON *cache = cJSON_GetObjectItemCaseSensitive(step, "cache");
        ok = cJSON_AddItemReferenceToObject(written, "step", step) &&
             cJSON_AddItemReferenceToObject(written, "cache", cache);
    }
    document->json = written;
    return ok || error_no_memory(err, "a document", 0);
}

void trace_document_done(TraceDocument *document) {
    cJSON_Delete(document->json);
    for (int i = 0; i < document->n_known; i++) forget(&document->known[i]);
    free(document->known);
    *document = (TraceDocument){0};
}
