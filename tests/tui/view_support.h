// A view on a saved trace, without a terminal and without a model.
#ifndef KVSTEP_TESTS_VIEW_SUPPORT_H
#define KVSTEP_TESTS_VIEW_SUPPORT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/program.h"
#include "tests/support.h"
#include "traces/trace_read.h"
#include "tui/app/command.h"
#include "tui/app/draw.h"
#include "tui/app/input.h"
#include "tui/views/views.h"

// A GPT-2 of which only the attention weights were recorded.
static const char STORY[] = "tests/golden/story/trace.json";
static const char GQA[] = "tests/golden/screens/gqa.json";
static const char DATES[] = "tests/golden/screens/dates.json"; // an encoder-decoder

typedef struct Screen {
    Timeline *timeline;
    App app;
    Canvas canvas; // what was drawn last
} Screen;

static inline void run(Screen *s, const char *command) {
    if (!command_execute(&s->app, command)) fail_msg("%s: %s", command, s->app.message);
}

// Opens the trace and runs the commands, "view tokens;last".
static inline void open_view(Screen *s, const char *trace, const char *commands) {
    Error err;
    char list[256], *rest = list;
    *s = (Screen){0};
    if (!trace_read(&s->timeline, trace, &err)) fail_msg("%s", err.text);
    assert_true(app_init(&s->app, &PROGRAM, s->timeline, NULL, &err));
    snprintf(list, sizeof list, "%s", commands);
    for (char *command; (command = strtok_r(rest, ";", &rest));) run(s, command);
}

static inline void close_view(Screen *s) {
    canvas_done(&s->canvas);
    app_done(&s->app);
    trace_free(s->timeline);
}

// The screen as text; the caller frees it.
static inline char *draw(Screen *s, int n_rows, int n_columns) {
    assert_true(canvas_resize(&s->canvas, n_rows, n_columns));
    app_draw(&s->app, &s->canvas);
    return canvas_to_text(&s->canvas, false);
}

static inline void assert_shows(Screen *s, const char *words) {
    char *text = draw(s, 36, 120);
    if (!strstr(text, words)) fail_msg("\"%s\" is not on the screen:\n%s", words, text);
    free(text);
}

#endif
