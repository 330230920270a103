#include "core/session/prompt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// "1,2,3"; the caller frees out->ids.
static bool parse_ids(const char *text, const char *option, TokenIds *out, Error *err) {
    size_t most = 1;
    for (const char *c = text; *c; c++) most += *c == ',';
    *out = (TokenIds){.ids = malloc(most * sizeof(int))};
    if (!out->ids) return error_no_memory(err, "the prompt", (double)most * sizeof(int));
    while (*text) {
        char *end;
        errno = 0;
        long id = strtol(text, &end, 10);
        if (end == text || errno || id < 0 || id > INT32_MAX || (*end && *end != ',') || (*end && !end[1])) {
            free(out->ids);
            out->ids = NULL;
            return error_set(
                err, "%s takes token ids separated by commas, such as 1,2,3; it is not valid from \"%s\" on",
                option, text);
        }
        out->ids[out->n++] = (int)id;
        text = *end ? end + 1 : end;
    }
    return true;
}

static bool text_ids(const char *text, const Model *model, TokenIds *ids, Error *err) {
    if (!model->tokenizer)
        return error_set(err,
                         "%s has no tokenizer.json, so it cannot read text: give token ids instead, "
                         "with --ids 1,2,3%s",
                         model->config.name, model->encoder ? _(" and --source-ids 1,2,3") : "");
    return tokenizer_encode_prompt(model->tokenizer, text_from(text), ids, err);
}

// A text after the token that an encoder-decoder's texts start with.
static bool put_start(int start_id, TokenIds *ids, Error *err) {
    int *longer = realloc(ids->ids, ((size_t)ids->n + 1) * sizeof *longer);
    if (!longer) return error_no_memory(err, "the prompt", (double)ids->n * sizeof *longer);
    memmove(longer + 1, longer, (size_t)ids->n * sizeof *longer);
    longer[0] = start_id;
    *ids = (TokenIds){longer, ids->n + 1};
    return true;
}

// The prompt's ids, from --ids or from -p through the model's tokenizer.
static bool prompt_ids(const Prompt *prompt, const Model *model, TokenIds *ids, Error *err) {
    int start_id = model->config.start_id;
    if (prompt->ids) return parse_ids(prompt->ids, "--ids", ids, err);
    if (prompt->text && *prompt->text && !text_ids(prompt->text, model, ids, err)) return false;
    bool starts = ids->n > 0 && ids->ids[0] == start_id; // its tokenizer has put it there
    return start_id < 0 || starts || put_start(start_id, ids, err);
}

static bool source_ids(const Prompt *prompt, const Model *model, TokenIds *ids, Error *err) {
    bool given = prompt->source || prompt->source_ids;
    if (!model->encoder)
        return !given ||
               error_set(err, "%s has no encoder, so it cannot read a source: give a prompt with -p",
                         model->config.name);
    if (!given)
        return error_set(
            err,
            "%s is an encoder-decoder: give it a source to read, with --source TEXT or --source-ids 1,2,3",
            model->config.name);
    if (prompt->source_ids) return parse_ids(prompt->source_ids, "--source-ids", ids, err);
    return text_ids(prompt->source, model, ids, err);
}

bool prompt_check(const Prompt *prompt, Error *err) {
    if (prompt->text && prompt->ids)
        return error_set(err, "give the prompt with -p or with --ids, not with both");
    if (prompt->source && prompt->source_ids)
        return error_set(err, "give the source with --source or with --source-ids, not with both");
    if (prompt->source || prompt->source_ids) return true;
    if (!prompt->text && !prompt->ids) return error_set(err, "give a prompt: -p TEXT, or --ids 1,2,3");
    return *(prompt->ids ? prompt->ids : prompt->text) ||
           error_set(err, "the prompt is empty: give some text with -p, or token ids with --ids");
}

void prompt_fill_in(Prompt *prompt, const Model *model) {
    bool has_prompt = prompt->text || prompt->ids, has_source = prompt->source || prompt->source_ids;
    if (!model->encoder && !has_prompt) prompt->text = DEFAULT_PROMPT;
    if (model->encoder && !has_source) prompt->source = DEFAULT_SOURCE;
}

bool prompt_read(const Prompt *prompt, const Model *model, SessionInput *input, Error *err) {
    *input = (SessionInput){0};
    if (!prompt->ids && prompt->text) input->prompt = text_from(prompt->text);
    if (prompt->source) input->source_text = text_from(prompt->source);
    if (source_ids(prompt, model, &input->source, err) && prompt_ids(prompt, model, &input->ids, err))
        return true;
    prompt_done(input);
    return false;
}

void prompt_done(SessionInput *input) {
    free(input->ids.ids);
    free(input->source.ids);
    *input = (SessionInput){0};
}
