// The most likely next tokens with the model's probability for each, down the lines and then across; the
// chosen one marked.
#include "tui/views/main/panels.h"
#include "tui/widgets/attended.h"
#include "tui/widgets/token_label.h"

enum { LEAST_WIDTH = 36, LABEL = 14 };

static void draw_candidate(const Step *step, Canvas *canvas, Rect line, const Candidate *candidate,
                           Text text) {
    int y = line.row, x = line.column, n_columns = line.n_columns;
    Label label = token_label(canvas, text, candidate->id);
    bool is_choice = step_chose(step, candidate->id),
         is_cut = candidate->sampling_probability == 0 && !is_choice;
    Role role = is_choice ? ROLE_CHOICE : is_cut ? ROLE_DIM : ROLE_TEXT;
    canvas_print(canvas, y, x, 1, ROLE_NEW, "%s", is_choice ? "▶" : " ");
    canvas_print(canvas, y, x + 2, LABEL - 3, role, "%s", label.text);
    canvas_print(canvas, y, x + LABEL, 6, ROLE_TEXT, "%.4f", (double)candidate->probability);
    canvas_bar(canvas, y, x + LABEL + 7, n_columns - LABEL - 9, is_cut ? ROLE_DIM : ROLE_CACHED,
               candidate->probability);
}

// Whether the choice is among the first n candidates.
static bool shows_choice(const Step *step, int n) {
    for (int i = 0; i < n; i++)
        if (step_chose(step, step->candidates[i].id)) return true;
    return !step_has(step, FACT_CHOICE);
}

void panel_candidates_draw(const App *app, Canvas *canvas, Rect rect) {
    const Step *step = app_step(app);
    if (!step)
        canvas_print(canvas, rect.row, rect.column, rect.n_columns, ROLE_DIM,
                     _("The most likely tokens, with their probabilities; ▶ is the chosen one."));
    if (step && step->n_candidates == 0) attended_draw_missing(canvas, rect, _("candidates"));
    if (!step || step->n_candidates == 0) return;
    int n_across = (step->n_candidates + rect.n_rows - 1) / rect.n_rows;
    if (n_across > rect.n_columns / LEAST_WIDTH) n_across = rect.n_columns / LEAST_WIDTH;
    int width = rect.n_columns / n_across,
        n = n_across * rect.n_rows < step->n_candidates ? n_across * rect.n_rows : step->n_candidates;
    bool choice_last = !shows_choice(step, n); // sampling took one further down: it has the last place
    for (int i = 0; i < n; i++) {
        bool is_it = choice_last && i == n - 1;
        Rect line = {rect.row + i % rect.n_rows, rect.column + i / rect.n_rows * width, 1, width};
        draw_candidate(step, canvas, line, is_it ? &step->choice : &step->candidates[i],
                       is_it ? step->choice_text : step->candidate_texts[i]);
    }
}
