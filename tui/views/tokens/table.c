// The text as a table: each token with the probability that the model gave it when it was chosen.
//
// Surprisal is log2 1/p of that probability, in bits. The entropy beside it is its mean over what else might
// have come: what the model expected to be surprised before it was known which token comes. Prompt tokens
// were given, not chosen: they have neither.
#include <math.h>
#include <stdio.h>

#include "tui/views/tokens/tokens.h"

// Columns: where each begins, or, of numbers, ends.
enum {
    POSITION = 6,
    ID = 13,
    TOKEN = 15,
    FROM = 29,
    MODEL = 45,
    SAMPLER = 55,
    SURPRISAL = 65,
    ENTROPY = 74,
    BAR = 77
};

// What is known about how a token came about.
typedef struct Origin {
    const Step *step; // that chose it; NULL: it was given
    float probability, sampling_probability;
    bool is_known; // the probabilities: a token that was put in the choice's place may be no candidate
} Origin;

static Origin origin_of(const Timeline *timeline, int position) {
    Origin origin = {0};
    if (position < timeline->n_prompt) return origin;
    origin.step = timeline_step_of(timeline, timeline->n_steps - 1, position - 1);
    if (!origin.step) return origin;
    int id = timeline->tokens[position].id;
    const Candidate *found = origin.step->choice.id == id ? &origin.step->choice : NULL;
    for (int i = 0; !found && i < origin.step->n_candidates; i++)
        if (origin.step->candidates[i].id == id) found = &origin.step->candidates[i];
    if (!found) return origin;
    origin.is_known = true;
    origin.probability = found->probability;
    origin.sampling_probability = found->sampling_probability;
    return origin;
}

static double surprisal(float probability) {
    return log2(1 / (double)probability); // 0 and not -0 for what is certain
}

static void draw_origin(const App *app, Canvas *canvas, int y, Rect rect, const Origin *origin, Role role) {
    bool is_exact;
    double entropy = step_entropy(origin->step, &app->timeline->config, &is_exact);
    int x = rect.column;
    char text[32];
    canvas_print(canvas, y, x + FROM, rect.n_columns - FROM, role, _("step %d"), origin->step->index);
    if (origin->is_known) {
        canvas_print_right(canvas, y, x + MODEL, role, tokens_probability(origin->probability).text);
        canvas_print_right(canvas, y, x + SAMPLER, role,
                           tokens_probability(origin->sampling_probability).text);
        snprintf(text, sizeof text, "%.2f", surprisal(origin->probability));
        canvas_print_right(canvas, y, x + SURPRISAL, role, text);
    }
    snprintf(text, sizeof text, "%s%.2f", is_exact ? "" : "≥ ", entropy);
    canvas_print_right(canvas, y, x + ENTROPY, role, text);
    canvas_bar(canvas, y, x + BAR, rect.n_columns - BAR, role == ROLE_DIM ? ROLE_DIM : ROLE_CACHED,
               (double)origin->probability);
}

static void draw_token(const App *app, Canvas *canvas, int y, Rect rect, int position) {
    const Token *token = &app->timeline->tokens[position];
    const Step *step = app_step(app);
    int x = rect.column, newest = step ? step_n_tokens(step) : app->timeline->n_prompt;
    bool is_row = step && position == app_row(app), is_choice = step && position == newest;
    Role role = position > newest ? ROLE_DIM : token->generated ? ROLE_TEXT : ROLE_PROMPT;
    char number[24];
    canvas_target(canvas, "token", position, -1);
    canvas_print(canvas, y, x, rect.n_columns, ROLE_TEXT, "%*s", rect.n_columns,
                 ""); // all of the line can be clicked
    canvas_print(canvas, y, x, 1, ROLE_NEW, is_choice ? "▶" : " ");
    snprintf(number, sizeof number, is_row ? "[%d]" : "%d ", position);
    canvas_print_right(canvas, y, x + POSITION + 1, is_row ? ROLE_CURRENT : role, number);
    snprintf(number, sizeof number, "%d", token->id);
    canvas_print_right(canvas, y, x + ID, ROLE_DIM, number);
    Label label = tokens_label(canvas, token->text, token->id);
    canvas_print(canvas, y, x + TOKEN, FROM - TOKEN - 1,
                 is_row      ? ROLE_CURRENT
                 : is_choice ? ROLE_CHOICE
                             : role,
                 "%s", label.text);
    Origin origin = origin_of(app->timeline, position);
    if (origin.step)
        draw_origin(app, canvas, y, rect, &origin, role);
    else
        canvas_print(canvas, y, x + FROM, MODEL - FROM, role, _("prompt"));
    for (int i = 0; i < 3 && !origin.is_known; i++)
        canvas_print_right(canvas, y, x + MODEL + i * (SAMPLER - MODEL), ROLE_DIM, "—");
    if (!origin.step) canvas_print_right(canvas, y, x + ENTROPY, ROLE_DIM, "—");
    canvas_target(canvas, NULL, -1, -1);
}

static void draw_head(Canvas *canvas, Rect rect) {
    int x = rect.column, y = rect.row;
    canvas_print_right(canvas, y, x + POSITION, ROLE_DIM, "pos");
    canvas_print_right(canvas, y, x + ID, ROLE_DIM, "id");
    canvas_print(canvas, y, x + TOKEN, FROM - TOKEN, ROLE_DIM, _("token"));
    canvas_print(canvas, y, x + FROM, 8, ROLE_DIM, _("from"));
    canvas_print_right(canvas, y, x + MODEL, ROLE_DIM, _("model p"));
    canvas_print_right(canvas, y, x + SAMPLER, ROLE_DIM, _("sampler"));
    canvas_print_right(canvas, y, x + SURPRISAL, ROLE_DIM, _("surprisal"));
    canvas_print_right(canvas, y, x + ENTROPY, ROLE_DIM, _("entropy"));
    canvas_print(canvas, y, x + BAR, rect.n_columns - BAR, ROLE_DIM, _("model p, 0 to 1"));
}

// All that was generated up to the shown Step in two numbers.
static void draw_sum(const App *app, Canvas *canvas, int y, Rect rect) {
    const Step *step = app_step(app);
    double sum = 0;
    int n = 0, last = step ? step_n_tokens(step) : -1;
    for (int position = app->timeline->n_prompt; position <= last && position < app->timeline->n_tokens;
         position++) {
        Origin origin = origin_of(app->timeline, position);
        if (origin.is_known && origin.probability > 0) sum += surprisal(origin.probability), n++;
    }
    int x = rect.column, end = rect.column + rect.n_columns;
    if (n == 0) {
        canvas_print(canvas, y, x, end - x, ROLE_DIM,
                     _("surprisal: log2 1/p; entropy: its mean over all tokens; both in bits"));
        return;
    }
    x += canvas_print(canvas, y, x, end - x, ROLE_TEXT,
                      _("mean surprisal (log2 1/p) %.2f bits, perplexity %.2f, over %d token%s"), sum / n,
                      exp2(sum / n), n, n == 1 ? "" : "s");
    if (end - x >= 40)
        canvas_print(canvas, y, x, end - x, ROLE_DIM, _("   entropy: what was to be expected"));
}

void tokens_table_draw(const App *app, Canvas *canvas, Rect rect) {
    const Step *step = app_step(app);
    int n = app->timeline->n_tokens, room = rect.n_rows - 2, n_shown = n < room ? n : room;
    int row = step ? app_row(app) : 0, choice = step && step_n_tokens(step) < n ? step_n_tokens(step) : row;
    int first = row - n_shown / 2; // the row in the middle, or as near to it as the ends allow
    if (choice - row < n_shown && first + n_shown <= choice) first = choice - n_shown + 1;
    if (first > n - n_shown) first = n - n_shown;
    if (first < 0) first = 0;
    draw_head(canvas, rect);
    for (int i = 0; i < n_shown; i++) draw_token(app, canvas, rect.row + 1 + i, rect, first + i);
    draw_sum(app, canvas, rect.row + rect.n_rows - 1, rect);
}
