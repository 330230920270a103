// The App without a terminal: commands on a real Session, the command line, the keys' file, clicks.
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/program.h"
#include "core/model/model_folder.h"
#include "traces/trace_read.h"
#include "tui/app/command.h"
#include "tui/app/draw.h"
#include "tui/app/input.h"
#include "tui/screen/svg.h"
#include "tui/views/views.h"

// Opens an App on a model that came with the program, as `kvstep MODEL` does.
static void open_app_recording(App *app, const char *model_name, SiteMask record) {
    Error err;
    Opened opened;
    SessionSetup setup = {
        .model = model_name,
        .fills_in = true,
        .session = {.sampling = {.top_p = 1}, .n_candidates = 10, .recompute = true, .record = record}};
    if (!session_setup_open(&setup, NULL, NULL, NULL, &opened, &err)) fail_msg("%s", err.text);
    assert_true(app_init(app, &PROGRAM, session_timeline(opened.session), opened.session, &err));
    assert_true(app_own(app, opened.model, &setup, &err));
    app->n_rows = 36, app->n_columns = 120;
}

static void open_app(App *app, const char *model_name) {
    open_app_recording(app, model_name, SITE_ALL);
}

// Runs a command until its work is done.
static void run(App *app, const char *command) {
    app->message[0] = '\0';
    if (!command_execute(app, command)) fail_msg("%s: %s", command, app->message);
    app_settle(app);
    if (app->is_error && app->message[0]) fail_msg("%s: %s", command, app->message);
}

static void refuses(App *app, const char *command, const char *because) {
    app->message[0] = '\0';
    assert_false(command_execute(app, command));
    assert_true(app->is_error);
    assert_says(app->message, because);
}

static void press(App *app, const char *keys) {
    char list[256], *rest = list;
    snprintf(list, sizeof list, "%s", keys);
    for (char *key; (key = strtok_r(rest, " ", &rest));) app_key(app, key), app_settle(app);
}

static void type(App *app, const char *text) {
    for (; *text; text++) app_key(app, *text == ' ' ? "Space" : (char[]){*text, '\0'});
}

static void every_command_that_moves_between_steps_works(void **state) {
    (void)state;
    App app;
    open_app(&app, "story");
    refuses(&app, "goto 1", "no step has run yet");
    for (int i = 0; i < 6; i++) run(&app, "step");
    assert_int_equal(app.step, 5);
    run(&app, "goto 1");
    assert_int_equal(app.step, 1);
    run(&app, "back");
    run(&app, "back"); // stays at the first
    assert_int_equal(app.step, 0);
    run(&app, "last");
    assert_int_equal(app.step, 5);
    int row = app.timeline->n_prompt + 2;
    char command[32];
    snprintf(command, sizeof command, "token %d", row);
    run(&app, command);
    assert_int_equal(app_row(&app), row);
    assert_int_equal(app_step_of_row(&app, row)->index, app.step);
    refuses(&app, "goto 6", "0 to 5");
    refuses(&app, "goto -1", "0 to 5");
    refuses(&app, "goto 3x", "0 to 5");
    run(&app, "first");
    run(&app, "search time");
    assert_int_equal(app_row(&app), 4);
    refuses(&app, "search zebra", "zebra");
    app_done(&app);
}

static void a_branch_is_made_listed_and_left_again(void **state) {
    (void)state;
    App app;
    open_app(&app, "story");
    for (int i = 0; i < 5; i++) run(&app, "step");
    int before = app.timeline->tokens[app.timeline->n_prompt + 2].id;
    run(&app, "goto 2");
    refuses(&app, "branch 1", "this token already"); // greedy took the first
    refuses(&app, "branch 0", "from 1 to 10");
    press(&app, "7 Down Enter");
    assert_int_equal(session_n_branches(app.session), 2);
    assert_int_equal(app.timeline->n_steps, 3);
    int other = app.timeline->tokens[app.timeline->n_prompt + 2].id;
    assert_int_equal(other, app.timeline->steps[2]->candidates[1].id);
    assert_int_not_equal(other, before);
    run(&app, "step");
    assert_int_equal(app.step, 3);
    press(&app, "b Up Enter"); // the list, the first, go there
    assert_ptr_equal(app.timeline, session_branch_at(app.session, 0));
    assert_int_equal(app.timeline->tokens[app.timeline->n_prompt + 2].id, before);
    assert_ptr_equal(app.view, &VIEW_TOKENS);
    refuses(&app, "switch 2", "from 0 to 1");
    app_done(&app);
}

static void another_prompt_sampling_or_model_starts_again_and_a_wrong_one_changes_nothing(void **state) {
    (void)state;
    App app;
    open_app(&app, "story");
    for (int i = 0; i < 3; i++) run(&app, "step");
    run(&app, "prompt The dog");
    assert_int_equal(app.step, 0); // the prefill has run
    assert_int_equal(app.timeline->n_steps, 1);
    assert_string_equal(app.timeline->prompt.bytes ? "The dog" : "", "The dog");
    assert_memory_equal(app.timeline->prompt.bytes, "The dog", 7);
    run(&app, "edit");
    assert_string_equal(app.line.text, "prompt The dog");
    app_key(&app, "Escape");
    run(&app, "temperature 1.5");
    run(&app, "top-k 3");
    run(&app, "seed 9");
    assert_true(app.timeline->sampling.temperature == 1.5f && app.timeline->sampling.top_k == 3);
    assert_int_equal(app.timeline->sampling.seed, 9);
    refuses(&app, "temperature hot", "hot");
    refuses(&app, "top-p 0", "top-p");
    refuses(&app, "seed 1.5", "whole number");

    run(&app, "head 5");
    run(&app, "layer 3");
    run(&app, "model dates");
    assert_string_equal(app.timeline->config.name, "dates");
    assert_true(app.timeline->n_source > 0 && app.head == 0 && app.layer == 0);
    run(&app, "source 4 May 1999");
    for (int i = 0; i < 4; i++) run(&app, "step");
    refuses(&app, "sauce x", "source");

    const Timeline *kept = app.timeline;
    assert_true(command_execute(&app, "model nowhere"));
    app_settle(&app);
    assert_true(app.is_error);
    assert_says(app.message, "there is no model nowhere");
    assert_ptr_equal(app.timeline, kept);
    assert_true(command_execute(&app, "restart"));
    press(&app, "Escape"); // a model that is here is opened all the same
    assert_int_equal(app.step, -1);
    assert_string_equal(app.message, "");
    app_done(&app);
}

static void assert_view_shows(App *app, const char *view, const char *part, bool does) {
    Canvas canvas = {0};
    run(app, view);
    assert_true(canvas_resize(&canvas, 36, 120));
    app_draw(app, &canvas);
    char *text = canvas_to_text(&canvas, false);
    if ((strstr(text, part) != NULL) != does)
        fail_msg("%s: \"%s\" %s:\n%s", view, part, does ? "is missing" : "is there", text);
    free(text);
    canvas_done(&canvas);
}

static void numbers_that_were_not_kept_are_computed_once_more_and_change_nothing_else(void **state) {
    (void)state;
    App app;
    open_app_recording(&app, "story", 0);
    for (int i = 0; i < 2; i++) run(&app, "step");
    run(&app, "stage logits");
    assert_view_shows(&app, "view stages", "not kept", true);
    app_fetch_detail(&app);
    app_settle(&app);
    assert_view_shows(&app, "view stages", "not kept", false);
    assert_view_shows(&app, "view stages", "stages · row 5", true);
    const Candidate *second = &app_step(&app)->candidates[1];
    char logit[16];
    snprintf(logit, sizeof logit, " %.2f", (double)second->logit);
    assert_view_shows(&app, "view stages", logit, true); // beside the largest logits stand their tokens
    assert_view_shows(&app, "view attention", "this step", true);
    assert_view_shows(&app, "view attention", "remembered",
                      false); // the row is the shown Step's all the same
    app_done(&app);
}

static void leaving_a_view_without_a_tab_returns_to_the_last_tab(void **state) {
    (void)state;
    App app;
    open_app(&app, "story");
    run(&app, "view help"); // as the first view of all
    run(&app, "view branches");
    press(&app, "q");
    assert_ptr_equal(app.view, &VIEW_MAIN);
    run(&app, "view 4");
    assert_ptr_equal(app.view, &VIEW_CACHE);
    refuses(&app, "view 0", "from 1 to 7");
    refuses(&app, "view 8", "there is no view 8");
    press(&app, "? b ?");
    assert_ptr_equal(app.view, &VIEW_HELP);
    press(&app, "Tab"); // goes on from the tab
    assert_ptr_equal(app.view, &VIEW_COMPUTE);
    press(&app, "?");
    run(&app, "scroll 10000"); // no further than to the end
    Canvas canvas = {0};
    assert_true(canvas_resize(&canvas, app.n_rows, app.n_columns));
    app_draw(&app, &canvas);
    char *end = canvas_to_text(&canvas, false);
    assert_says(end, "leave");
    run(&app, "scroll -1");
    app_draw(&app, &canvas);
    char *text = canvas_to_text(&canvas, false);
    assert_says(text, "more below");
    free(end);
    free(text);
    canvas_done(&canvas);
    refuses(&app, "scroll far", "scroll takes a number");
    press(&app, "?");
    assert_ptr_equal(app.view, &VIEW_COMPUTE);
    app_done(&app);
}

static void steps_asked_for_during_other_work_run_after_it(void **state) {
    (void)state;
    App app;
    char *folder = folder_new(), command[600];
    open_app(&app, "story");
    run(&app, "step");
    snprintf(command, sizeof command, "save %s/run.json", folder);
    assert_true(command_execute(&app, command));
    run(&app, "step");
    assert_int_equal(app.timeline->n_steps, 2);
    assert_true(command_execute(&app, "prompt A cat"));
    app_advance(&app);
    app_settle(&app);
    assert_int_equal(app.timeline->n_steps, 2); // the prefill, and the one that was asked for
    assert_int_equal(app.n_wanted, 0);
    app_done(&app);
    folder_remove(folder);
}

static void commands_wait_for_the_computation_that_is_under_way(void **state) {
    (void)state;
    App app;
    open_app(&app, "story");
    run(&app, "step");
    assert_true(command_execute(&app, "step"));
    refuses(&app, "branch 1", "has to wait");
    refuses(&app, "prompt x", "has to wait");
    refuses(&app, "save /nowhere/x.json", "has to wait");
    app_settle(&app);
    app_done(&app);
}

static void the_steps_and_the_screen_are_saved_and_nothing_is_written_over(void **state) {
    (void)state;
    App app;
    Error err;
    Timeline *read;
    char *folder = folder_new(), command[600];
    open_app(&app, "story");
    for (int i = 0; i < 3; i++) run(&app, "step");
    run(&app, "branch 2");
    run(&app, "step");
    snprintf(command, sizeof command, "save %s/run.json", folder);
    run(&app, command);
    refuses(&app, command, "is there already");
    refuses(&app, "save run.svg", "not a picture");
    snprintf(command, sizeof command, "save! %s/run.json", folder);
    run(&app, command);
    snprintf(command, sizeof command, "%s/run.json", folder);
    if (!trace_read(&read, command, &err)) fail_msg("%s", err.text);
    assert_int_equal(read->n_steps, 4);
    for (int i = 0; i < read->n_tokens; i++) assert_int_equal(read->tokens[i].id, app.timeline->tokens[i].id);
    trace_free(read);

    snprintf(command, sizeof command, "screen %s/screen.txt", folder);
    run(&app, command);
    snprintf(command, sizeof command, "screen %s/screen.svg", folder);
    run(&app, command);
    refuses(&app, command, "is there already");
    refuses(&app, "screen x.png", ".svg");
    char *text = file_read(folder, "screen.txt", NULL), *svg = file_read(folder, "screen.svg", NULL);
    assert_says(text, "step 3/3");
    assert_says(svg, "</svg>");
    assert_null(strstr(svg, "<|"));
    free(text);
    free(svg);
    assert_true(command_execute(&app, "save /nowhere/run.json"));
    app_settle(&app);
    assert_says(app.message, "/nowhere/run.json");
    app_done(&app);
    folder_remove(folder);
}

static void the_command_line_edits_completes_and_remembers(void **state) {
    (void)state;
    App app;
    open_app(&app, "story");
    press(&app, ":");
    type(&app, "the");
    press(&app, "Tab"); // theme is the only one
    assert_string_equal(app.line.text, "theme ");
    type(&app, "li");
    press(&app, "Tab Enter");
    assert_int_equal(app.theme, THEME_LIGHT);
    assert_false(app.line.is_open);
    press(&app, ": Up");
    assert_string_equal(app.line.text, "theme light");
    press(&app, "Ctrl-U 词 é Left Backspace");
    assert_string_equal(app.line.text, "é");
    press(&app, "Escape");
    assert_false(app.line.is_open);
    press(&app, "/");
    assert_string_equal(app.line.text, "search ");
    press(&app, "Escape");
    refuses(&app, "setp", "step");
    refuses(&app, "se", "could be");
    refuses(&app, "step 3", "nothing after it");
    for (int i = 0; i < 400; i++) app_key(&app, i ? "x" : ":"); // longer than there is room for
    press(&app, "Enter");
    assert_true(app.is_error);
    app_done(&app);
}

static void a_file_binds_keys_anew_and_its_errors_name_the_line(void **state) {
    (void)state;
    char *folder = folder_new(), path[300];
    Keys keys;
    Error err;
    assert_true(keys_init(&keys, &PROGRAM, &err));
    file_write_text(folder, "keys", "# mine\nn = back\n = = scale log\nq =\n[attention]\nRight = step\n");
    snprintf(path, sizeof path, "%s/keys", folder);
    if (!keys_read(&keys, path, &err)) fail_msg("%s", err.text);
    assert_string_equal(keys_command(&keys, "main", "n"), "back");
    assert_string_equal(keys_command(&keys, "main", "="), "scale log");
    assert_null(keys_command(&keys, "main", "q"));
    assert_string_equal(keys_command(&keys, "attention", "Right"), "step");
    assert_string_equal(keys_command(&keys, "main", "Left"), "back");
    file_write_text(folder, "keys", "x = fly\nn = back\n");
    assert_false(keys_read(&keys, path, &err));
    assert_says(err.text, "line 1");
    assert_says(err.text, "fly");
    assert_string_equal(keys_command(&keys, "main", "n"), "back"); // the other line holds
    keys_done(&keys);
    folder_remove(folder);
}

static void every_binding_and_every_hint_is_a_command(void **state) {
    (void)state;
    Keys keys;
    Error err;
    char label[48];
    assert_true(keys_init(&keys, &PROGRAM, &err));
    for (size_t i = 0; i < keys.n; i++)
        if (!program_find_in(&PROGRAM, keys.bindings[i].command))
            fail_msg("%s is bound to %s", keys.bindings[i].key, keys.bindings[i].command);
    for (int i = 0; i < PROGRAM.n_views; i++)
        for (int h = 0; h < N_HINTS * N_HINT_COMMANDS; h++) {
            const View *view = PROGRAM.views[i];
            const char *command = view->hints[h / N_HINT_COMMANDS].commands[h % N_HINT_COMMANDS];
            if (!command) continue;
            keys_label(&keys, view->name, command, 1, label, sizeof label);
            if (!label[0]) fail_msg("%s has no key in the view %s", command, view->name);
        }
    keys_done(&keys);
}

static void every_click_target_is_a_command_that_the_view_takes(void **state) {
    (void)state;
    App app;
    open_app(&app, "story-gqa");
    for (int i = 0; i < 4; i++) run(&app, "step");
    for (int v = 0; v < PROGRAM.n_views; v++) {
        Canvas canvas = {0};
        app.view = PROGRAM.views[v];
        assert_true(canvas_resize(&canvas, 36, 120));
        app_draw(&app, &canvas);
        int n_targets = 0;
        for (int i = 0; i < canvas.n_rows * canvas.n_columns; i++) {
            const Target *target = &canvas.cells[i].target;
            if (!target->command) continue;
            n_targets++;
            if (!program_find_in(&PROGRAM, target->command))
                fail_msg("a click in %s runs %s", app.view->name, target->command);
        }
        if (n_targets == 0) fail_msg("nothing in %s can be clicked", app.view->name);
        canvas_done(&canvas);
    }
    app_done(&app);
}

int main(void) {
    setenv("KVSTEP_MODELS", "models", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_that_moves_between_steps_works),
        cmocka_unit_test(a_branch_is_made_listed_and_left_again),
        cmocka_unit_test(another_prompt_sampling_or_model_starts_again_and_a_wrong_one_changes_nothing),
        cmocka_unit_test(numbers_that_were_not_kept_are_computed_once_more_and_change_nothing_else),
        cmocka_unit_test(leaving_a_view_without_a_tab_returns_to_the_last_tab),
        cmocka_unit_test(steps_asked_for_during_other_work_run_after_it),
        cmocka_unit_test(commands_wait_for_the_computation_that_is_under_way),
        cmocka_unit_test(the_steps_and_the_screen_are_saved_and_nothing_is_written_over),
        cmocka_unit_test(the_command_line_edits_completes_and_remembers),
        cmocka_unit_test(a_file_binds_keys_anew_and_its_errors_name_the_line),
        cmocka_unit_test(every_binding_and_every_hint_is_a_command),
        cmocka_unit_test(every_click_target_is_a_command_that_the_view_takes),
    };
    return cmocka_run_group_tests_name("commands", tests, NULL, NULL);
}
