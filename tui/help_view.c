// The help: what the screen shows, and the keys, made from the table of commands.
#include "command.h"
#include "view.h"

static const char *const ABOUT[] = {
    "kvstep runs a decoder step by step, twice: with its KV cache, and again from",
    "the start. Both give the same logits to rounding; what differs is the work.",
    "attention   a row for each token that looks, a column for each; · is masked",
    "row         what the last token looks at: the score q·k/√d, and the weight",
    "KV cache    by layer: □ stored in this step, ■ read back, not computed again",
    "compute     FLOPs counted, bytes read, time measured: cached, recomputed",
    "next token  the model's probabilities; ▶ is the choice",
};

static void draw(const App *app, Canvas *canvas) {
    (void)app;
    int row = 2, width = canvas->n_columns - 2;
    canvas_print(canvas, 0, 1, width, ROLE_BRAND, "kvstep · help");
    for (size_t i = 0; i < N_COMMANDS; i++, row++) {
        int x = 1;
        for (int k = 0; k < 3 && COMMANDS[i].keys[k]; k++)
            x += 1 + canvas_print(canvas, row, x, 14 - x, ROLE_KEY, "%s", command_key_label(COMMANDS[i].keys[k]));
        canvas_print(canvas, row, 14, 14, ROLE_TITLE, "%s", COMMANDS[i].name);
        canvas_print(canvas, row, 29, canvas->n_columns - 29, ROLE_TEXT, "%s", COMMANDS[i].help);
    }
    row++;
    for (size_t i = 0; i < sizeof ABOUT / sizeof *ABOUT; i++)
        canvas_print(canvas, row++, 1, width, ROLE_DIM, "%s", ABOUT[i]);
    canvas_print(canvas, canvas->n_rows - 1, 1, width, ROLE_KEY, "any key closes this page");
}

const View VIEW_HELP = {draw};
