// The document is split into its parts, and the steps into single ones, before anything is parsed. Each part
// is parsed, checked and read on its own, so reading takes the memory of the Timeline and of one parsed
// step.
//
//     trace_read.c       finds the parts, gives each to its reader
//     trace_read_head.c  format, version, model, run, machine, source, axes
//     trace_read_step.c  steps, tokens
//
// Interface: trace_read.h.
#include "traces/trace_read.h"

#include <stdlib.h>

#include "core/base/file.h"
#include "core/base/json_split.h"
#include "traces/trace_internal.h"

enum { TRACE_MAX_BYTES = 1 << 30 };
static const char ADVICE[] = "record the trace anew";

// The members of the document, in the order in which they are read. Steps are read one by one.
typedef enum PartId {
    PART_FORMAT,
    PART_VERSION,
    PART_MODEL,
    PART_RUN,
    PART_MACHINE,
    PART_SOURCE,
    PART_AXES,
    PART_STEPS,
    PART_TOKENS,
    PART_COUNT
} PartId;

static const struct {
    const char *name;
    bool (*read)(Trace *trace, const JsonNode *node, Error *err);
} PARTS[PART_COUNT] = {
    [PART_FORMAT] = {"format", trace_read_format},    [PART_VERSION] = {"version", trace_read_version},
    [PART_MODEL] = {"model", trace_read_model},       [PART_RUN] = {"run", trace_read_run},
    [PART_MACHINE] = {"machine", trace_read_machine}, [PART_SOURCE] = {"source", trace_read_source},
    [PART_AXES] = {"axes", trace_read_axes},          [PART_STEPS] = {"steps", NULL},
    [PART_TOKENS] = {"tokens", trace_read_tokens},
};

typedef struct Document {
    const char *file;
    JsonSpan text;
    JsonPiece parts[PART_COUNT];
} Document;

static PartId find_part(const JsonPiece *piece) {
    PartId id = 0;
    while (id < PART_COUNT && !json_piece_is(piece, PARTS[id].name)) id++;
    return id;
}

// A member that we do not know must still be JSON.
static bool check_unknown(const Document *document, const JsonPiece *piece, Error *err) {
    cJSON *tree;
    bool ok = json_piece_parse(&tree, document->file, document->text, piece, err);
    cJSON_Delete(tree);
    return ok;
}

// Finds where each part stands in the file, whatever their order.
static bool find_parts(Document *document, Error *err) {
    JsonSplit split;
    if (!json_split_object(&split, document->file, document->text, document->text, err)) return false;
    for (;;) {
        JsonPiece piece;
        bool more;
        if (!json_split_next(&split, &piece, &more, err)) return false;
        if (!more) return true;
        PartId id = find_part(&piece);
        if (id == PART_COUNT) {
            if (!check_unknown(document, &piece, err)) return false;
            continue;
        }
        if (document->parts[id].value.start)
            return error_set(err, "%s: %s: expected once, found twice; record the trace anew", document->file,
                             PARTS[id].name);
        document->parts[id] = piece;
    }
}

static bool read_part(Trace *trace, const Document *document, PartId id, Error *err) {
    const JsonPiece *piece = &document->parts[id];
    cJSON *tree = NULL;
    if (piece->value.start && !json_piece_parse(&tree, document->file, document->text, piece, err))
        return false;
    JsonNode node = json_root(document->file, PARTS[id].name, tree, ADVICE);
    bool ok = PARTS[id].read(trace, &node, err);
    cJSON_Delete(tree);
    return ok;
}

static bool read_step(Trace *trace, const Document *document, const JsonPiece *piece, Error *err) {
    cJSON *tree;
    if (!json_piece_parse(&tree, document->file, document->text, piece, err)) return false;
    JsonNode steps = json_root(document->file, PARTS[PART_STEPS].name, NULL, ADVICE);
    JsonNode node = json_element(&steps, trace->timeline.n_steps, tree);
    bool ok = trace_read_step(trace, &node, err);
    cJSON_Delete(tree);
    return ok;
}

static bool read_steps(Trace *trace, const Document *document, Error *err) {
    JsonSpan span = document->parts[PART_STEPS].value;
    if (!span.start || *span.start != '[') {
        JsonNode node = json_root(document->file, PARTS[PART_STEPS].name, NULL, ADVICE);
        if (!span.start) return json_expected(&node, err, "an array");
        return error_set(err, "%s: steps: expected an array, found another value; record the trace anew",
                         document->file);
    }
    JsonSplit split;
    if (!json_split_array(&split, document->file, document->text, span, err)) return false;
    for (;;) {
        JsonPiece piece;
        bool more;
        if (!json_split_next(&split, &piece, &more, err)) return false;
        if (!more) return true;
        if (!read_step(trace, document, &piece, err)) return false;
    }
}

static bool read_document(Trace *trace, const char *file, JsonSpan text, Error *err) {
    Document document = {.file = file, .text = text};
    if (!find_parts(&document, err)) return false;
    for (PartId id = 0; id < PART_COUNT; id++) {
        bool ok = id == PART_STEPS ? read_steps(trace, &document, err) : read_part(trace, &document, id, err);
        if (!ok) return false;
    }
    return true;
}

bool trace_read(Timeline **out, const char *path, Error *err) {
    *out = NULL;
    Mapping mapping;
    if (!mapping_open(&mapping, path, err)) return false;
    Trace *trace = NULL;
    if (mapping.n_bytes > TRACE_MAX_BYTES) {
        error_set(err,
                  "%s: has %zu bytes; kvstep reads traces of up to %d: record fewer steps or fewer sites",
                  path, mapping.n_bytes, (int)TRACE_MAX_BYTES);
        goto fail;
    }
    trace = calloc(1, sizeof *trace);
    if (!trace) {
        error_no_memory(err, "a trace", sizeof *trace);
        goto fail;
    }
    const char *start = (const char *)mapping.bytes;
    if (!read_document(trace, path, (JsonSpan){start, start + mapping.n_bytes}, err)) goto fail;
    mapping_close(&mapping);
    *out = &trace->timeline;
    return true;
fail:
    mapping_close(&mapping);
    if (trace) trace_free(&trace->timeline);
    return false;
}

void trace_free(Timeline *timeline) {
    if (!timeline) return;
    Trace *trace = (Trace *)timeline; // the Timeline is its first member
    for (int i = 0; i < timeline->n_steps; i++) step_free(timeline->steps[i]);
    free(timeline->steps);
    free(timeline->tokens);
    free(timeline->source);
    arena_done(&trace->texts);
    free(trace);
}
