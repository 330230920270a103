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
    *out = (SessionSetup){.fills_in = setup->fills_in, .session = setup->session};
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

Model *session_setup_load(const SessionSetup *setup, Control *control, Error *err) {
    char folder[PATH_MAX];
    if (!find_model(setup->model, folder, sizeof folder, err)) return NULL;
    Model *model = malloc(sizeof *model);
    if (!model) {
        error_no_memory(err, "a model", sizeof *model);
        return NULL;
    }
    if (model_load(model, folder, control, err)) return model;
    free(model);
    return NULL;
}

bool session_setup_start(const SessionSetup *setup, const Model *model, Session **out, Error *err) {
    Prompt prompt = setup->prompt;
    SessionInput input;
    if (setup->fills_in) prompt_fill_in(&prompt, model);
    bool ok =
        prompt_read(&prompt, model, &input, err) && session_new(out, model, &input, &setup->session, err);
    prompt_done(&input);
    return ok;
}

bool session_setup_open(const SessionSetup *setup, Model *present, const SessionSetup *present_setup,
                        Control *control, Opened *out, Error *err) {
    bool is_same = present && strcmp(setup->model, present_setup->model) == 0;
    Opened opened = {.model = is_same ? present : session_setup_load(setup, control, err)};
    SessionSetup fitting = *setup;
    if (!opened.model) return false;
    if (present && !opened.model->encoder) fitting.prompt.source = fitting.prompt.source_ids = NULL;
    bool ok = session_setup_start(&fitting, opened.model, &opened.session, err);
    if (ok) *out = opened;
    if (!ok && !is_same) opened_done(&opened);
    return ok;
}

void opened_done(Opened *opened) {
    session_free(opened->session);
    if (opened->model) model_free(opened->model);
    free(opened->model);
    *opened = (Opened){0};
}
