#include "core/session/session_setup.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/model/model_folder.h"

bool session_setup_text(const char **which, const char *text) {
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy) return false;
    free((char *)(uintptr_t)*which);
    *which = copy;
    return true;
}

bool session_setup_copy(SessionSetup *out, const SessionSetup *setup) {
    *out = (SessionSetup){.session = setup->session};
    const Prompt *from = &setup->prompt;
    Prompt *to = &out->prompt;
    bool ok = session_setup_text(&out->model, setup->model) && session_setup_text(&to->text, from->text) &&
              session_setup_text(&to->ids, from->ids) && session_setup_text(&to->source, from->source) &&
              session_setup_text(&to->source_ids, from->source_ids);
    if (!ok) session_setup_done(out);
    return ok;
}

void session_setup_done(SessionSetup *setup) {
    session_setup_text(&setup->model, NULL);
    session_setup_text(&setup->prompt.text, NULL);
    session_setup_text(&setup->prompt.ids, NULL);
    session_setup_text(&setup->prompt.source, NULL);
    session_setup_text(&setup->prompt.source_ids, NULL);
}

static Model *load(const char *name, Control *control, Error *err) {
    char folder[PATH_MAX];
    if (!find_model(name, folder, sizeof folder, err)) return NULL;
    Model *model = malloc(sizeof *model);
    if (!model) {
        error_no_memory(err, "a model", sizeof *model);
        return NULL;
    }
    if (model_load(model, folder, control, err)) return model;
    free(model);
    return NULL;
}

bool session_setup_open(const SessionSetup *setup, Model *present, const SessionSetup *present_setup,
                        Control *control, Opened *out, Error *err) {
    bool is_same = present && strcmp(setup->model, present_setup->model) == 0;
    Model *model = is_same ? present : load(setup->model, control, err);
    Prompt prompt = setup->prompt;
    SessionInput input = {0};
    if (!model) return false;
    if (!model->encoder) prompt.source = prompt.source_ids = NULL; // another model's
    prompt_fill_in(&prompt, model);
    bool ok = prompt_read(&prompt, model, &input, err) &&
              session_new(&out->session, model, &input, &setup->session, err);
    prompt_done(&input);
    if (ok) out->model = model;
    if (!ok && !is_same) {
        model_free(model);
        free(model);
    }
    return ok;
}
