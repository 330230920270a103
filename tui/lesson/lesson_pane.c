#include "tui/lesson/lesson_pane.h"

#include <stdio.h>
#include <string.h>

#include "core/base/language.h"
#include "tui/app/draw.h"
#include "tui/app/view.h"
#include "tui/lesson/lesson_play.h"
#include "tui/lesson/prose.h"
#include "tui/screen/frame_lines.h"

enum {
    LEAST_PANE_COLUMNS = 40,
    MOST_PANE_COLUMNS = 64,
    LEAST_PANE_ROWS = 14,
    MOST_TEXT_COLUMNS = 76,
    PRESENTED_COLUMNS = 60,
    MAX_COLUMNS = 8
};

// ---- questions ----------------------------------------------------------------------------------

static void draw_options(Flow *flow, const Question *q, bool is_open) {
    for (int i = 0; i < q->n_options; i++) {
        char label[16];
        bool is_shown_right = !is_open && q->options[i].is_right;
        snprintf(label, sizeof label, "%s %d ", is_shown_right ? "✓" : " ", i + 1);
        if (is_open) canvas_target(flow->canvas, "answer", i + 1, -1);
        flow_text(flow,
                  is_shown_right ? ROLE_GOOD
                  : is_open      ? ROLE_TEXT
                                 : ROLE_DIM,
                  5, label, prose_text(&q->options[i].text));
        canvas_target(flow->canvas, NULL, -1, -1);
    }
}

static void draw_solved(Flow *flow, const Question *q, QuestionState state) {
    const char *word = state == QUESTION_SKIPPED ? _("skipped")
                       : q->kind == QUESTION_DO  ? _("done")
                                                 : _("right");
    char line[320];
    snprintf(line, sizeof line, "%s %s%s%s", state == QUESTION_SKIPPED ? "◐" : "✓", word,
             q->answer_text ? _(": ") : "", q->answer_text ? q->answer_text : "");
    flow_text(flow, state == QUESTION_SKIPPED ? ROLE_DIM : ROLE_GOOD, 2, "", line);
    if (q->because.text) flow_text(flow, ROLE_TEXT, 2, "", prose_text(&q->because));
}

static void draw_open(const App *app, Flow *flow, const Question *q) {
    const LessonPlay *play = app->lesson;
    for (int i = 0; i < play->n_hints; i++) {
        char label[32];
        snprintf(label, sizeof label, _("hint %d/%d "), i + 1, q->n_hints);
        if (i == 0) flow_skip(flow, 1);
        flow_text(flow, ROLE_PROMPT, canvas_text_width(flow->canvas, text_from(label)) + 2, label,
                  prose_text(&q->hints[i]));
    }
    if (play->feedback[0]) {
        flow_skip(flow, 1);
        flow_text(flow, ROLE_BAD, 2, "✗ ", play->feedback);
    }
}

// Returns the line at which its answer begins.
static int draw_question(const App *app, Flow *flow, const Question *q) {
    static const char *const WORDS[] = {N_("choose"), N_("predict"), N_("do")};
    QuestionState state = q->state;
    char title[64];
    snprintf(title, sizeof title, "%c%d · %s%c", MARK_STRONG, lesson_question_number(app->lesson, q),
             _(WORDS[q->kind]), MARK_END);
    flow_text(flow, ROLE_TITLE, 0, "", title);
    for (int i = 0; i < q->n_text; i++)
        flow_text(flow, ROLE_TEXT, 2, i == 0 && state == QUESTION_OPEN ? "▸ " : "", prose_text(&q->text[i]));
    draw_options(flow, q, state == QUESTION_OPEN);
    int answer = flow->line;
    if (state == QUESTION_OPEN)
        draw_open(app, flow, q);
    else
        draw_solved(flow, q, state);
    return answer;
}

// ---- prose --------------------------------------------------------------------------------------

static void draw_list(Flow *flow, const Item *item) {
    char label[16] = "•";
    if (item->number > 0) snprintf(label, sizeof label, "%d.", item->number);
    if (item->number < 0) label[0] = '\0';
    char spaced[20];
    snprintf(spaced, sizeof spaced, "%s ", label);
    flow_text(flow, ROLE_TEXT, 3 + 2 * item->depth, spaced, prose_text(&item->prose));
}

// Where the columns of the table begin, all of whose rows are looked at; the widest gives way where they do
// not fit.
static int lay_out_table(const Flow *flow, const Page *page, int first, int columns[MAX_COLUMNS]) {
    int widths[MAX_COLUMNS] = {0}, n = 0, total = -2;
    for (int i = first; i < page->n_items && page->items[i].kind == ITEM_ROW; i++)
        n = flow_columns(flow, prose_text(&page->items[i].prose), widths, MAX_COLUMNS);
    for (int i = 0; i < n; i++) total += widths[i] + 2;
    for (int widest = 0; total > flow->rect.n_columns; total--, widest = 0) {
        for (int i = 1; i < n; i++)
            if (widths[i] > widths[widest]) widest = i;
        if (--widths[widest] < 1) break;
    }
    for (int i = 0, x = 0; i < n; x += widths[i++] + 2) columns[i] = x;
    return n;
}

static void draw_row(Flow *flow, const Page *page, int index) {
    int columns[MAX_COLUMNS], first = index;
    while (first > 0 && page->items[first - 1].kind == ITEM_ROW) first--;
    int n = lay_out_table(flow, page, first, columns);
    flow_row(flow, index == first ? ROLE_DIM : ROLE_TEXT, columns, n, prose_text(&page->items[index].prose));
}

static void draw_item(Flow *flow, const Page *page, int index) {
    const Item *item = &page->items[index];
    const char *text = prose_text(&item->prose);
    if (item->kind == ITEM_HEADING) flow_text(flow, ROLE_TITLE, 0, "", text);
    if (item->kind == ITEM_PARAGRAPH) flow_text(flow, ROLE_TEXT, 0, "", text);
    if (item->kind == ITEM_QUOTE) flow_text(flow, ROLE_DIM, 2, "│ ", text);
    if (item->kind == ITEM_LIST) draw_list(flow, item);
    if (item->kind == ITEM_CODE) flow_lines(flow, ROLE_KEY, 2, text);
    if (item->kind == ITEM_ROW) draw_row(flow, page, index);
    if (item->kind == ITEM_RULE) flow_text(flow, ROLE_DIM, 0, "", "———");
    bool is_joined = item->kind == ITEM_LIST || item->kind == ITEM_ROW;
    bool ends = index + 1 == page->n_items || page->items[index + 1].kind != item->kind;
    if (!is_joined || ends) flow_skip(flow, 1);
}

// How long the lesson takes, and what to know before.
static void draw_opening(Flow *flow, const Lesson *lesson) {
    char line[320];
    snprintf(line, sizeof line, _("about %d minutes%s%.240s"), lesson->minutes,
             lesson->needs ? _(" · builds on ") : "", lesson->needs ? lesson->needs : "");
    flow_text(flow, ROLE_DIM, 0, "", line);
    flow_skip(flow, 1);
}

// The page as far as it is shown. *anchor: the line at which the answer of the question solved last begins,
// or 0.
static void draw_page(const App *app, Flow *flow, int *anchor) {
    const LessonPlay *play = app->lesson;
    const Page *page = &play->lesson.pages[play->page];
    *anchor = 0;
    flow->line = 0;
    if (play->page == 0) draw_opening(flow, &play->lesson);
    for (int i = 0, n = lesson_n_shown(play); i < n; i++) {
        const Item *item = &page->items[i];
        if (item->kind == ITEM_QUESTION) {
            int answer = draw_question(app, flow, item->question);
            if (item->question->state != QUESTION_OPEN) *anchor = answer;
            flow_skip(flow, 1);
        } else if (item->kind != ITEM_COMMANDS) {
            draw_item(flow, page, i);
        }
    }
}

// Which line of the text stands at the top before it is scrolled, and at most.
typedef struct ScrollRange {
    int start, last;
} ScrollRange;

// What is to be read next stands at the top: the page's beginning, or the answer that came last; a hint or
// what is said of a wrong answer is at the end.
static ScrollRange range_of(const App *app, Canvas *canvas, Rect rect) {
    const LessonPlay *play = app->lesson;
    Flow flow = {.canvas = canvas, .rect = rect, .is_measured = true};
    int anchor;
    draw_page(app, &flow, &anchor);
    int n_lines = flow.line - 1, last = n_lines > rect.n_rows ? n_lines - rect.n_rows : 0;
    bool is_at_end = last < anchor || play->n_hints > 0 || play->feedback[0];
    return (ScrollRange){is_at_end ? last : anchor, last};
}

// No further than there is text.
static int top_of(ScrollRange range, int scroll) {
    int top = range.start + scroll;
    return top > range.last ? range.last : top < 0 ? 0 : top;
}

// Returns whether there is more below.
static bool draw_text(const App *app, Canvas *canvas, Rect rect) {
    ScrollRange range = range_of(app, canvas, rect);
    int anchor, top = top_of(range, app->lesson->scroll);
    Flow flow = {.canvas = canvas, .rect = rect, .top = top};
    draw_page(app, &flow, &anchor);
    if (top > 0) canvas_print(canvas, rect.row, rect.column + rect.n_columns, 1, ROLE_KEY, "↑");
    if (top < range.last)
        canvas_print(canvas, rect.row + rect.n_rows - 1, rect.column + rect.n_columns, 1, ROLE_KEY, "↓");
    return top < range.last;
}

// ---- the pane -----------------------------------------------------------------------------------

// The keys in a line, each after the one before, as far as they fit.
typedef struct KeyLine {
    const App *app;
    Canvas *canvas;
    int row, x, end;
} KeyLine;

static void draw_key(KeyLine *line, const char *command, const char *word) {
    char keys[16];
    Canvas *canvas = line->canvas;
    keys_label(&line->app->keys, LESSON_KEYS, command, 1, keys, sizeof keys);
    int width = 3 + canvas_text_width(canvas, text_from(keys)) + canvas_text_width(canvas, text_from(word));
    if (!keys[0] || line->x + width > line->end) return;
    canvas_target(canvas, command, -1, -1);
    line->x += canvas_print(canvas, line->row, line->x, line->end - line->x, ROLE_KEY, " %s", keys);
    line->x += canvas_print(canvas, line->row, line->x, line->end - line->x, ROLE_DIM, " %s ", word);
    canvas_target(canvas, NULL, -1, -1);
}

static void draw_choices(KeyLine *line, const Question *q) {
    line->x +=
        canvas_print(line->canvas, line->row, line->x, line->end - line->x, ROLE_KEY, " 1–%d", q->n_options);
    line->x +=
        canvas_print(line->canvas, line->row, line->x, line->end - line->x, ROLE_DIM, " %s ", _("answer"));
}

static void draw_keys(KeyLine *line, bool is_alone, bool has_more) {
    const LessonPlay *play = line->app->lesson;
    const Question *q = lesson_question_at_hand(line->app);
    bool is_last = play->page + 1 == play->lesson.n_pages;
    if (has_more) draw_key(line, "read +5", _("more"));
    if (!q) draw_key(line, "continue", is_last ? _("end") : _("next page"));
    if (q && q->kind == QUESTION_PREDICT) draw_key(line, "continue", _("answer"));
    if (q && q->kind == QUESTION_CHOOSE) draw_choices(line, q);
    if (q && play->n_hints < q->n_hints) draw_key(line, "hint", _("hint"));
    if (q && play->may_skip) draw_key(line, "skip", _("skip"));
    if (play->page > 0) draw_key(line, "page -1", _("back"));
    if (is_alone) draw_key(line, "pane", _("view"));
    draw_key(line, "quit", _("quit"));
}

// One mark for each question of the lesson.
static void draw_progress(const LessonPlay *play, Canvas *canvas, int row, int end) {
    static const char *const SIGNS[] = {
        [QUESTION_OPEN] = "○", [QUESTION_SOLVED] = "●", [QUESTION_SKIPPED] = "◐"};
    int n = lesson_n_questions(&play->lesson);
    for (int i = 0; i < n; i++) {
        QuestionState state = lesson_question(&play->lesson, i)->state;
        canvas_print(canvas, row, end - n + i, 1, state == QUESTION_SOLVED ? ROLE_GOOD : ROLE_DIM, "%s",
                     SIGNS[state]);
    }
}

// Where the text is in the pane.
static Rect text_rect(const LessonPlay *play, Rect pane) {
    Rect inside = {pane.row + 2, pane.column + 2, pane.n_rows - 3, pane.n_columns - 4};
    int most = play->is_presented ? PRESENTED_COLUMNS : MOST_TEXT_COLUMNS;
    int margin = inside.n_columns > most ? (inside.n_columns - most) / 2 : 0;
    if (play->is_presented) inside.row += 2, inside.n_rows -= 3;
    inside.column += margin;
    inside.n_columns -= 2 * margin;
    return inside;
}

static void draw_pane(const App *app, Canvas *canvas, Rect pane, bool is_alone) {
    const LessonPlay *play = app->lesson;
    const Page *page = &play->lesson.pages[play->page];
    int bottom = pane.row + pane.n_rows - 1, right = pane.column + pane.n_columns - 1;
    Rect inside = frame_box(canvas, (Rect){pane.row + 1, pane.column, pane.n_rows - 1, pane.n_columns});
    canvas_text(canvas, pane.row, pane.column + 1, pane.n_columns - lesson_n_questions(&play->lesson) - 4,
                ROLE_BRAND, text_from(play->lesson.title));
    draw_progress(play, canvas, pane.row, right);
    char number[32];
    int width = snprintf(number, sizeof number, " %d/%d ", play->page + 1, play->lesson.n_pages);
    canvas_print(canvas, pane.row + 1, pane.column + 2, 1, ROLE_TITLE, " ");
    int x = pane.column + 3;
    x += canvas_text(canvas, pane.row + 1, x, inside.n_columns - width - 3, ROLE_TITLE,
                     text_from(page->title));
    canvas_print(canvas, pane.row + 1, x, 1, ROLE_TITLE, " ");
    canvas_print_right(canvas, pane.row + 1, right - 1, ROLE_DIM, number);
    bool has_more = draw_text(app, canvas, text_rect(play, pane));
    if (is_alone && app->message[0])
        canvas_text(canvas, bottom, pane.column + 2, pane.n_columns - 4, app->is_error ? ROLE_BAD : ROLE_TEXT,
                    text_from(app->message));
    else
        draw_keys(&(KeyLine){app, canvas, bottom, pane.column + 2, right - 1}, is_alone, has_more);
}

// Where the pane and the view are on a screen of this size; one that is not shown has no rows.
typedef struct Layout {
    Rect pane, view;
} Layout;

static Layout layout_of(const LessonPlay *play, int n_rows, int n_columns) {
    Rect whole = {0, 0, n_rows, n_columns};
    int beside = n_columns - VIEW_MIN_COLUMNS, below = n_rows - VIEW_MIN_ROWS;
    if (beside > MOST_PANE_COLUMNS) beside = MOST_PANE_COLUMNS;
    if (below > LEAST_PANE_ROWS) below = LEAST_PANE_ROWS;
    if (n_rows < VIEW_MIN_ROWS || n_columns < VIEW_MIN_COLUMNS)
        return (Layout){.view = whole}; // it says what it needs
    if (!play->is_presented && beside >= LEAST_PANE_COLUMNS)
        return (Layout){{0, 0, n_rows, beside}, {0, beside, n_rows, n_columns - beside}};
    if (!play->is_presented && below >= LEAST_PANE_ROWS)
        return (Layout){{n_rows - below, 0, below, n_columns}, {0, 0, n_rows - below, n_columns}};
    return play->shows_view ? (Layout){.view = whole} : (Layout){.pane = whole};
}

int lesson_draw_way_back(const App *app, Canvas *canvas, int x, int end) {
    if (layout_of(app->lesson, app->n_rows, app->n_columns).pane.n_rows > 0) return 0;
    KeyLine line = {app, canvas, canvas->n_rows - 1, x, end};
    draw_key(&line, "pane", _("lesson"));
    return line.x - x;
}

void lesson_view_size(const App *app, int *n_rows, int *n_columns) {
    Layout layout = layout_of(app->lesson, app->n_rows, app->n_columns);
    *n_rows = layout.view.n_rows;
    *n_columns = layout.view.n_columns;
}

int lesson_scrolled(const App *app, int n_lines) {
    const LessonPlay *play = app->lesson;
    Rect pane = layout_of(play, app->n_rows, app->n_columns).pane;
    Canvas canvas = {.ascii = app->is_ascii};
    if (pane.n_rows == 0) return play->scroll;
    ScrollRange range = range_of(app, &canvas, text_rect(play, pane));
    return top_of(range, top_of(range, play->scroll) - range.start + n_lines) - range.start;
}

void lesson_draw(const App *app, Canvas *canvas) {
    Layout layout = layout_of(app->lesson, canvas->n_rows, canvas->n_columns);
    Canvas view = {.ascii = canvas->ascii};
    if (layout.pane.n_rows == 0) {
        app_draw_view(app, canvas);
        return;
    }
    canvas_clear(canvas);
    draw_pane(app, canvas, layout.pane, layout.view.n_rows == 0);
    if (layout.view.n_rows == 0 || !canvas_resize(&view, layout.view.n_rows, layout.view.n_columns)) return;
    app_draw_view(app, &view);
    canvas_copy(canvas, layout.view.row, layout.view.column, &view);
    canvas_done(&view);
}
