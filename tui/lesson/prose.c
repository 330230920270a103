#include "tui/lesson/prose.h"

#include <string.h>

#include "lessons/lesson.h"

static bool is_mark(char c) {
    return c >= MARK_STRONG && c <= MARK_END;
}

static size_t length_of(const char *c) {
    size_t n = 1;
    while (((unsigned char)c[n] & 0xC0) == 0x80) n++;
    return n;
}

static int width_of(const Flow *flow, const char *c, size_t n) {
    return is_mark(*c) ? 0 : canvas_text_width(flow->canvas, (Text){c, n});
}

// Signs that do not begin a line: of Chinese, whose lines may break between any two characters.
static bool is_closing(const char *c) {
    static const char *const CLOSING[] = {"，", "。", "、", "；", "：", "？", "！", "）",
                                          "」", "』", "”",  "’",  "》", "】", "…",  "—"};
    for (size_t i = 0; i < sizeof CLOSING / sizeof *CLOSING; i++)
        if (strncmp(c, CLOSING[i], strlen(CLOSING[i])) == 0) return true;
    return false;
}

// The end of the line that begins at `text`: what follows begins the next one, after its spaces.
static const char *line_end(const Flow *flow, const char *text, int n_columns) {
    const char *good = NULL, *c = text;
    int used = 0;
    for (bool was_wide = false; *c && *c != '\n'; c += length_of(c)) {
        size_t n = length_of(c);
        int width = width_of(flow, c, n);
        bool may_break = *c == ' ' || ((width == 2 || was_wide) && !is_closing(c) && !is_mark(*c));
        if (c > text && may_break) good = c;
        if (used + width > n_columns && c > text) return good ? good : c;
        used += width;
        if (!is_mark(*c)) was_wide = width == 2;
    }
    return c;
}

// ---- marks --------------------------------------------------------------------------------------

enum { MAX_NESTED = 8 };
typedef struct Style {
    Role roles[MAX_NESTED]; // the innermost mark last
    int n;
} Style;

static void take_mark(Style *style, char mark) {
    static const Role ROLES[] = {
        [MARK_STRONG] = ROLE_TITLE, [MARK_EMPHASIS] = ROLE_CURRENT, [MARK_CODE] = ROLE_KEY};
    if (mark == MARK_END)
        style->n -= style->n > 1;
    else if (style->n < MAX_NESTED)
        style->roles[style->n++] = ROLES[(int)mark];
}

// The row of the Canvas for the present line; -1 when it is not to be seen.
static int row_of(const Flow *flow) {
    int y = flow->line - flow->top;
    return flow->is_measured || y < 0 || y >= flow->rect.n_rows ? -1 : flow->rect.row + y;
}

// Draws one line's text from its beginning to `end`; the style goes on to the next line.
static int draw_line(const Flow *flow, int column, int n_columns, Text line, Style *style) {
    const char *text = line.bytes, *end = text + line.n_bytes;
    int used = 0, row = row_of(flow);
    while (text < end) {
        if (is_mark(*text)) {
            take_mark(style, *text++);
            continue;
        }
        size_t n = 0;
        while (text + n < end && !is_mark(text[n])) n++;
        if (row >= 0)
            used += canvas_text(flow->canvas, row, column + used, n_columns - used,
                                style->roles[style->n - 1], (Text){text, n});
        text += n;
    }
    return used;
}

void flow_text(Flow *flow, Role role, int indent, const char *label, const char *text) {
    Style style = {{role}, 1};
    int column = flow->rect.column + indent, n_columns = flow->rect.n_columns - indent;
    int width = canvas_text_width(flow->canvas, text_from(label));
    if (row_of(flow) >= 0)
        canvas_print(flow->canvas, row_of(flow), column - width, width, ROLE_DIM, "%s", label);
    do {
        const char *end = line_end(flow, text, n_columns);
        draw_line(flow, column, n_columns, (Text){text, (size_t)(end - text)}, &style);
        text = *end == '\n' ? end + 1 : end + strspn(end, " ");
        flow->line++;
    } while (*text);
}

void flow_lines(Flow *flow, Role role, int indent, const char *text) {
    while (*text) {
        size_t n = strcspn(text, "\n");
        if (row_of(flow) >= 0)
            canvas_text(flow->canvas, row_of(flow), flow->rect.column + indent, flow->rect.n_columns - indent,
                        role, (Text){text, n});
        text += n + (text[n] == '\n');
        flow->line++;
    }
}

void flow_skip(Flow *flow, int n_lines) {
    flow->line += n_lines;
}

// ---- tables -------------------------------------------------------------------------------------

int flow_columns(const Flow *flow, const char *text, int *widths, int n) {
    int i = 0;
    for (const char *c = text;; i++) {
        int width = 0;
        for (; *c && *c != MARK_CELL; c += length_of(c)) width += width_of(flow, c, length_of(c));
        if (i < n && width > widths[i]) widths[i] = width;
        if (!*c) return i < n ? i + 1 : n;
        c++;
    }
}

void flow_row(Flow *flow, Role role, const int *columns, int n, const char *text) {
    for (int i = 0; i < n && *text; i++) {
        Style style = {{role}, 1};
        const char *end = text + strcspn(text, (char[]){MARK_CELL, '\0'});
        int next = i + 1 < n ? columns[i + 1] - 1 : flow->rect.n_columns;
        if (next > flow->rect.n_columns) next = flow->rect.n_columns;
        Text cell = {text, (size_t)(end - text)};
        draw_line(flow, flow->rect.column + columns[i], next - columns[i], cell, &style);
        text = *end ? end + 1 : end;
    }
    flow->line++;
}
