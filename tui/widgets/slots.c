#include "tui/widgets/slots.h"

SlotMark slot_mark(int last, int first_new, int length, bool recompute) {
    if (last >= length) return MARK_FREE;
    if (last >= first_new) return MARK_NEW;
    return recompute ? MARK_WASTE : MARK_READ;
}

void slot_draw(const App *app, Canvas *canvas, int y, int x, SlotMark state) {
    static const char *const GLYPHS[] = {"·", "■", "□", "▨"};
    static const Role ROLES[] = {ROLE_FREE, ROLE_STORED, ROLE_NEW, ROLE_WASTE};
    Role role = state == MARK_NEW && app->marks_changes ? ROLE_CHANGED : ROLES[state];
    canvas_print(canvas, y, x, 1, role, "%s", GLYPHS[state]);
}

SlotLine slot_line(int length, int first_new, int capacity, int n_heads, int n_columns) {
    SlotLine line = {
        .length = length, .first_new = first_new, .capacity = capacity, .width = n_heads, .per_cell = 1};
    if ((int64_t)length * n_heads <= n_columns) return line;
    line.width = 1;
    if (length > n_columns) line.per_cell = (length + n_columns - 1) / n_columns;
    return line;
}

void slot_line_draw(const App *app, Canvas *canvas, Rect rect, const SlotLine *line, bool recompute) {
    for (int i = 0; i < rect.n_columns && i / line->width * line->per_cell < line->capacity; i++) {
        int slot = i / line->width * line->per_cell, last = slot + line->per_cell - 1;
        if (slot < line->length && last >= line->length) last = line->length - 1;
        slot_draw(app, canvas, rect.row, rect.column + i,
                  slot_mark(last, line->first_new, line->length, recompute));
    }
}
