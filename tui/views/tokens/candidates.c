// The candidates of the shown Step, most likely first, with a rule where the sampler cut and the reason for
// it.
//
//        rank  token     id  logit  model p     sum  sampler
//     ▶     1  ␣who     365  12.31   0.4101  0.4101   0.6213  ████████▎
//         [2]  ␣that    311  11.80   0.2463  0.6564   0.3787  █████
//     ──── top-k 2: rank above 2 is cut, 0.3436 of p ───────────────────
//           3  ␣named   402  11.02   0.1129  0.7693        —  ██▎
#include <stdio.h>

#include "tui/views/tokens/tokens.h"
#include "tui/widgets/attended.h"
#include "tui/widgets/start.h"

enum { RANK = 6, TOKEN = 16, ID = 7, LOGIT = 9, FIGURE = 12, NARROW = 9 };

typedef struct Cut {
    enum { CUT_NOTHING, CUT_GREEDY, CUT_TOP_K, CUT_TOP_P } reason;
    int n_kept;
} Cut;

// What the sampler cut, in its own order: temperature, top-k, top-p. A chance of 0 alone is
// no cut: at a low temperature the chance of what was kept can be too small for a float.
static Cut find_cut(const Timeline *timeline, const Step *step) {
    const Sampling *s = &timeline->sampling;
    bool has_top_k = s->top_k > 0 && s->top_k < timeline->config.n_vocab;
    int n = 0;
    while (n < step->n_candidates && step->candidates[n].sampling_probability > 0) n++;
    if (s->temperature == 0) return (Cut){CUT_GREEDY, 1};
    if (s->top_p < 1 && n < step->n_candidates && (!has_top_k || n < s->top_k)) return (Cut){CUT_TOP_P, n};
    if (has_top_k) return (Cut){CUT_TOP_K, s->top_k};
    bool cuts = s->top_p < 1 && n < timeline->config.n_vocab;
    return (Cut){cuts ? CUT_TOP_P : CUT_NOTHING, timeline->config.n_vocab};
}

// The choice's place among all logits; 0 when that is not known.
static int rank_of_choice(const Config *config, const Step *step) {
    const float *logits = step->sites[SITE_LOGITS];
    int rank = 1;
    for (int i = 0; i < step->n_candidates; i++)
        if (step_chose(step, step->candidates[i].id)) return i + 1;
    for (int id = 0; logits && id < config->n_vocab; id++)
        rank += logits[id] > step->choice.logit || (logits[id] == step->choice.logit && id < step->choice.id);
    return logits ? rank : 0;
}

// A choice that is not among the candidates has a line of its own after them.
static bool has_extra_line(const Step *step) {
    for (int i = 0; i < step->n_candidates; i++)
        if (step_chose(step, step->candidates[i].id)) return false;
    return step_has(step, FACT_CHOICE);
}

int tokens_candidates_lines(const App *app) {
    const Step *step = app_step(app);
    return step ? 3 + step->n_candidates + has_extra_line(step) : 10;
}

// ---- the settings in words ----------------------------------------------------------------------

static void draw_settings(const App *app, Canvas *canvas, int y, Rect rect) {
    const Sampling *s = &app->timeline->sampling;
    int x = rect.column, end = rect.column + rect.n_columns;
    if (s->temperature == 0) {
        canvas_print(canvas, y, x, end - x, ROLE_DIM,
                     _("Greedy, temperature 0: the most likely token is taken; nothing is drawn."));
        return;
    }
    bool is_wide = rect.n_columns >= 100;
    x += canvas_print(canvas, y, x, end - x, ROLE_DIM,
                      is_wide ? _("Logits / temperature %g") : _("temperature %g"), (double)s->temperature);
    if (s->top_k > 0)
        x += canvas_print(canvas, y, x, end - x, ROLE_DIM,
                          is_wide ? _(" → top-k: the %d best") : _(" → top-k: %d best"), s->top_k);
    if (s->top_p < 1)
        x += canvas_print(canvas, y, x, end - x, ROLE_DIM, _(" → top-p: the fewest with %g"),
                          (double)s->top_p);
    if (s->top_k == 0 && s->top_p == 1)
        x += canvas_print(canvas, y, x, end - x, ROLE_DIM, _(" → no top-k, no top-p"));
    canvas_print(canvas, y, x, end - x, ROLE_DIM,
                 is_wide ? _(" → one is drawn, seed %u") : _(" → drawn, seed %u"), s->seed);
}

// ---- lines --------------------------------------------------------------------------------------

static void draw_head(Canvas *canvas, int y, Rect rect, int figure) {
    int x = rect.column + 1 + RANK;
    canvas_print_right(canvas, y, x - 1, ROLE_DIM, _("rank"));
    canvas_print(canvas, y, x + 1, TOKEN, ROLE_DIM, _("token"));
    x += TOKEN + ID;
    canvas_print_right(canvas, y, x, ROLE_DIM, "id");
    canvas_print_right(canvas, y, x += LOGIT, ROLE_DIM, _("logit"));
    canvas_print_right(canvas, y, x += figure, ROLE_DIM, _("model p"));
    canvas_print_right(canvas, y, x += figure, ROLE_DIM, figure < FIGURE ? _("sum") : _("cumulative"));
    canvas_print_right(canvas, y, x + figure, ROLE_DIM, _("sampler"));
}

typedef struct Line {
    const char *rank;
    const Candidate *candidate;
    Text text;
    double cumulative; // below 0: it is not known
    bool is_cut;
} Line;

static void draw_line(const App *app, Canvas *canvas, int y, Rect rect, int figure, const Line *line) {
    const Candidate *candidate = line->candidate;
    bool is_choice = step_chose(app_step(app), candidate->id);
    int x = rect.column + 1 + RANK, end = rect.column + rect.n_columns;
    Role role = line->is_cut ? ROLE_DIM : ROLE_TEXT;
    char number[32];
    Label label = tokens_label(canvas, line->text, candidate->id);
    canvas_print(canvas, y, rect.column, 1, ROLE_NEW, is_choice ? "▶" : " ");
    canvas_print_right(canvas, y, x, line->rank[0] == '[' ? ROLE_CURSOR : role, line->rank);
    canvas_print(canvas, y, x + 1, TOKEN - 1, is_choice ? ROLE_CHOICE : role, "%s", label.text);
    snprintf(number, sizeof number, "%d", candidate->id);
    canvas_print_right(canvas, y, x += TOKEN + ID, ROLE_DIM, number);
    snprintf(number, sizeof number, "%.2f", (double)candidate->logit);
    canvas_print_right(canvas, y, x += LOGIT, ROLE_DIM, number);
    canvas_print_right(canvas, y, x += figure, role, tokens_probability(candidate->probability).text);
    canvas_print_right(canvas, y, x += figure, ROLE_DIM,
                       line->cumulative < 0 ? "—" : tokens_probability((float)line->cumulative).text);
    canvas_print_right(canvas, y, x += figure, role,
                       line->is_cut ? "—" : tokens_probability(candidate->sampling_probability).text);
    canvas_bar(canvas, y, x + 2, end - x - 2, line->is_cut ? ROLE_DIM : ROLE_CACHED,
               (double)candidate->probability);
}

static void draw_rule(const App *app, Canvas *canvas, int y, Rect rect, Cut cut, double rest) {
    const Sampling *s = &app->timeline->sampling;
    Formatted share = tokens_probability(rest > 0 ? (float)rest : 0);
    for (int i = 0; i < rect.n_columns; i++) canvas_print(canvas, y, rect.column + i, 1, ROLE_DIM, "─");
    int x = rect.column + 4, room = rect.n_columns - 4;
    if (cut.reason == CUT_GREEDY)
        canvas_print(canvas, y, x, room, ROLE_TEXT,
                     _(" greedy: all but the first is left out, %s of the probability "), share.text);
    if (cut.reason == CUT_TOP_K)
        canvas_print(canvas, y, x, room, ROLE_TEXT, _(" top-k %d: rank above %d is cut, %s of p "), s->top_k,
                     s->top_k, share.text);
    if (cut.reason == CUT_TOP_P)
        canvas_print(canvas, y, x, room, ROLE_TEXT, _(" top-p %g: %s, so the rest is cut, %s of p "),
                     (double)s->top_p,
                     cut.n_kept == 1 ? _("the first reaches it") : _("those above reach it"), share.text);
}

// Which candidates are drawn when not all have room: those around the selected one.
static int first_of(int selected, int n, int n_shown) {
    int first = (selected < n ? selected : n - 1) - n_shown / 2;
    if (first > n - n_shown) first = n - n_shown;
    return first > 0 ? first : 0;
}

static void draw_all(const App *app, Canvas *canvas, Rect rect, const Step *step, int selected) {
    int n = step->n_candidates, y = rect.row, end = rect.row + rect.n_rows;
    int figure = rect.n_columns >= 90 ? FIGURE : NARROW;
    Cut cut = find_cut(app->timeline, step);
    bool has_rule = cut.n_kept < n, has_extra = has_extra_line(step);
    int room = rect.n_rows - 1 - has_rule - has_extra, n_shown = n < room ? n : room,
        first = first_of(selected, n, n_shown);
    double sum = 0;
    char rank[24];
    draw_head(canvas, y++, rect, figure);
    for (int i = 0; i < n && y < end; i++) {
        if (has_rule && i == cut.n_kept && i >= first && i <= first + n_shown)
            draw_rule(app, canvas, y++, rect, cut, 1 - sum);
        sum += (double)step->candidates[i].probability;
        if (i < first || i >= first + n_shown) continue;
        bool is_selected = i == selected || (i == n - 1 && selected >= n);
        snprintf(rank, sizeof rank, is_selected ? "[%d]" : "%d ", i + 1);
        canvas_target(canvas, "candidate", i + 1, -1);
        canvas_print(canvas, y, rect.column, rect.n_columns, ROLE_TEXT, "%*s", rect.n_columns, "");
        draw_line(app, canvas, y++, rect, figure,
                  &(Line){rank, &step->candidates[i], step->candidate_texts[i], sum, i >= cut.n_kept});
        canvas_target(canvas, NULL, -1, -1);
    }
    int place = rank_of_choice(&app->timeline->config, step);
    snprintf(rank, sizeof rank, place ? "%d " : "> %d ", place ? place : n);
    if (has_extra && y < end)
        draw_line(app, canvas, y++, rect, figure, &(Line){rank, &step->choice, step->choice_text, -1, false});
    if (y >= end) return;
    if (!has_rule && cut.reason != CUT_NOTHING)
        canvas_print(canvas, y, rect.column, rect.n_columns, ROLE_DIM,
                     _("The cut is further down than these %d."), n);
    else if (!has_rule)
        canvas_print(canvas, y, rect.column, rect.n_columns, ROLE_DIM,
                     _("Nothing is cut away: %s of p is further down."),
                     tokens_probability(sum < 1 ? (float)(1 - sum) : 0).text);
}

void tokens_candidates_draw(const App *app, Canvas *canvas, Rect rect, int selected) {
    static const Start START = {N_("No pass has run yet."),
                                N_("runs the prefill: it ends with a logit for every token"),
                                N_("runs a decode step: the chosen token, and logits for the next one"),
                                N_("Select another one then, and the text goes on with it, in a branch.")};
    const Step *step = app_step(app);
    draw_settings(app, canvas, rect.row, rect);
    rect.row++, rect.n_rows--;
    if (!step)
        start_draw(app, canvas, rect, &START);
    else if (step->n_candidates > 0)
        draw_all(app, canvas, rect, step, selected);
    else
        attended_draw_missing(canvas, rect, _("candidates"));
}
