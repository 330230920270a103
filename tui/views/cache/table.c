// The slots of the cache, one a line, as they are with the cache and as they would be without one:
//
//                    with the cache                    without a cache
//     layer          K 0 1      2 3    V 0 1      2 3  K 0 1      2 3    V 0 1      2 3
//     KV head            012345            012345          012345            012345
//         5 time       ■ ■■■■■■ ■ ■      ■ ■■■■■■ ■ ■    ▨ ▨▨▨▨▨▨ ▨ ▨      ▨ ▨▨▨▨▨▨ ▨ ▨
//         6 ,          □ □□□□□□ □ □      □ □□□□□□ □ □    □ □□□□□□ □ □      □ □□□□□□ □ □
//
// All KV heads of a layer are in the same state, and so are all layers: where there is no room for all of
// them, nothing is lost when a cell stands for several. When there are more slots than lines, the newest are
// shown and the one that is looked at; a line stands for those between.
#include "tui/views/cache/cache_internal.h"

#include <stdio.h>

#include "tui/widgets/slots.h"
#include "tui/widgets/token_label.h"

enum { HEAD_ROWS = 3, LETTER = 2, WIDEST_WAY = 64, MOST_DIGITS = 12 };

// ---- a bank -------------------------------------------------------------------------------------

static int n_cells(const Bank *bank, int layer) {
    bool is_expanded = bank->expands_all || layer == bank->selected;
    return is_expanded ? (bank->n_heads + bank->per_cell - 1) / bank->per_cell : 1;
}

static int layer_width(const Bank *bank, int layer) {
    int width = (n_cells(bank, layer) - 1) * bank->pitch + 1;
    return width > bank->digits ? width : bank->digits;
}

static int bank_width(const Bank *bank) {
    int width = (bank->n_shown - 1) * bank->pitch;
    for (int i = 0; i < bank->n_shown; i++) width += layer_width(bank, bank->first + i);
    return width;
}

// The selected layer with as many around it as fit.
static Bank bank_window(Bank bank, int n_layers, int n_columns) {
    bank.first = bank.selected, bank.n_shown = 1;
    while (bank_width(&bank) > n_columns) bank.per_cell++;
    for (bool grew = true; grew;) {
        grew = false;
        Bank right = bank, left = bank;
        right.n_shown++;
        if (right.first + right.n_shown <= n_layers && bank_width(&right) <= n_columns)
            bank = right, grew = true;
        left = bank;
        left.first--, left.n_shown++;
        if (left.first >= 0 && bank_width(&left) <= n_columns) bank = left, grew = true;
    }
    return bank;
}

// The most detailed one that fits into n_columns.
static Bank bank_of(const App *app, int n_columns) {
    static const struct {
        bool expands_all;
        int pitch;
    } WAYS[] = {{true, 4},  {true, 3},  {true, 2}, {true, 1},
                {false, 3}, {false, 2}, {false, 1}}; // the first that fits
    const Config *c = &app->timeline->config;
    char number[MOST_DIGITS];
    int digits = snprintf(number, sizeof number, "%d", c->n_layers - 1);
    Bank bank = {.n_shown = c->n_layers,
                 .selected = app->layer,
                 .n_heads = c->n_kv_heads,
                 .per_cell = 1,
                 .digits = digits};
    for (size_t i = 0; i < sizeof WAYS / sizeof *WAYS; i++) {
        bank.expands_all = WAYS[i].expands_all, bank.pitch = WAYS[i].pitch;
        if (bank_width(&bank) <= n_columns) return bank;
    }
    return bank_window(bank, c->n_layers, n_columns);
}

static void draw_bank(const App *app, Canvas *canvas, int y, int x, const Bank *bank, SlotMark state) {
    for (int layer = bank->first; layer < bank->first + bank->n_shown; layer++) {
        for (int i = 0; i < n_cells(bank, layer); i++) slot_draw(app, canvas, y, x + i * bank->pitch, state);
        x += layer_width(bank, layer) + bank->pitch;
    }
}

// The numbers of layers, and under those that are expanded the numbers of KV heads, their last digits where
// it is narrow.
static void draw_bank_head(const App *app, Canvas *canvas, int y, int x, const Bank *bank) {
    const Config *c = &app->timeline->config;
    int kv_head = app->head / (c->n_heads / c->n_kv_heads);
    for (int layer = bank->first; layer < bank->first + bank->n_shown; layer++) {
        int n = n_cells(bank, layer);
        bool is_selected = layer == bank->selected;
        canvas_target(canvas, "layer", layer, -1);
        canvas_print(canvas, y, x, bank->digits, is_selected ? ROLE_CURSOR : ROLE_DIM, "%d", layer);
        canvas_target(canvas, NULL, -1, -1);
        for (int i = 0; i < n && bank->per_cell == 1 && (bank->expands_all || is_selected); i++)
            canvas_print(canvas, y + 1, x + i * bank->pitch, 1,
                         is_selected && i == kv_head ? ROLE_CURRENT : ROLE_DIM, "%d", i % 10);
        x += layer_width(bank, layer) + bank->pitch;
    }
}

// ---- the table ----------------------------------------------------------------------------------

SlotTable slot_table(const App *app, Rect rect) {
    SlotTable table = {.rect = rect};
    int label = rect.n_columns / 8 < SLOT_LABEL ? SLOT_LABEL : rect.n_columns / 8;
    table.way_width = (rect.n_columns - label) / 2;
    if (table.way_width > WIDEST_WAY) table.way_width = WIDEST_WAY;
    table.cached = rect.column + label;
    table.recompute = table.cached + table.way_width;
    table.bank = bank_of(app, table.way_width / 2 - LETTER - 1);
    return table;
}

static int v_column(const SlotTable *table, int way) {
    return way + table->way_width / 2;
}

static void draw_head(const App *app, Canvas *canvas, const SlotTable *table) {
    const Bank *bank = &table->bank;
    const Step *step = app_step(app);
    int y = table->rect.row, x = table->rect.column, n_layers = app->timeline->config.n_layers;
    canvas_print(canvas, y, table->cached, table->way_width - 1, ROLE_CACHED, _("with the cache"));
    canvas_print(canvas, y, table->recompute, table->way_width - 1, ROLE_RECOMPUTE, "%s",
                 step_has(step, FACT_COMPARISON) ? _("without a cache") : _("without a cache (not run)"));
    if (bank->n_shown == n_layers)
        canvas_print(canvas, y + 1, x, SLOT_LABEL - 1, ROLE_DIM, _("layer"));
    else
        canvas_print(canvas, y + 1, x, SLOT_LABEL - 1, ROLE_DIM, _("layer, of %d"), n_layers);
    canvas_print(canvas, y + 2, x, SLOT_LABEL - 1, ROLE_DIM,
                 bank->per_cell > 1 ? _("KV heads, by %d") : _("KV head"), bank->per_cell);
    const int ways[] = {table->cached, table->recompute};
    for (int i = 0; i < 2; i++) {
        int v = v_column(table, ways[i]);
        canvas_print(canvas, y + 1, ways[i], 1, ROLE_TEXT, "K");
        canvas_print(canvas, y + 1, v, 1, ROLE_TEXT, "V");
        draw_bank_head(app, canvas, y + 1, ways[i] + LETTER, bank);
        draw_bank_head(app, canvas, y + 1, v + LETTER, bank);
    }
}

// The column whose key lies in a slot; NULL: the slot is free.
static const Slot *slot_of(const Step *step, int number) {
    if (number < step->n_keys && step->keys[number].number == number) return &step->keys[number];
    for (int column = 0; column < step->n_keys; column++)
        if (step->keys[column].number == number) return &step->keys[column];
    return NULL;
}

static void draw_label(const App *app, Canvas *canvas, int y, const SlotTable *table, int first, int last) {
    const Step *step = app_step(app);
    int x = table->rect.column, end = table->cached - 1;
    if (last > first) {
        canvas_print(canvas, y, x, end - x, ROLE_DIM, "%5d–%d%s", first, last,
                     last < step->n_keys ? "" : _(" free"));
        return;
    }
    x += canvas_print(canvas, y, x, end - x, ROLE_DIM, "%5d ", first);
    if (first >= step->n_keys) {
        canvas_print(canvas, y, x, end - x, ROLE_DIM, first == step->n_keys ? _("free") : "");
        return;
    }
    const Slot *slot = slot_of(step, first);
    if (!slot) return;
    const Token *token = &app->timeline->tokens[slot->place.token];
    Label label = token_label(canvas, token->text, token->id);
    Role role = slot->place.token == app_row(app) ? ROLE_CURRENT : ROLE_TEXT;
    canvas_print(canvas, y, x, end - x, role, "%s", label.text);
}

// One line: the slots first ... last, all in use or all free.
static void draw_slots(const App *app, Canvas *canvas, int y, const SlotTable *table, int first, int last) {
    const Step *step = app_step(app);
    int length = step->n_keys;
    const Bank *bank = &table->bank;
    if (first == last && first < length) canvas_target(canvas, "token", first, -1);
    draw_label(app, canvas, y, table, first, last);
    const Slot *slot = first == last ? slot_of(step, first) : NULL;
    SlotMark state = slot ? (slot->events & SLOT_STORED ? MARK_NEW : MARK_READ)
                          : slot_mark(last, step_first_token(step), length, false);
    draw_bank(app, canvas, y, table->cached + LETTER, bank, state);
    draw_bank(app, canvas, y, v_column(table, table->cached) + LETTER, bank, state);
    if (first < length) {
        if (state == MARK_READ) state = MARK_WASTE; // recomputation computes it again
        draw_bank(app, canvas, y, table->recompute + LETTER, bank, state);
        draw_bank(app, canvas, y, v_column(table, table->recompute) + LETTER, bank, state);
    }
    canvas_target(canvas, NULL, -1, -1);
}

// Draws slots first ... end - 1 in one line, if there are any; returns the next line.
static int draw_fold(const App *app, Canvas *canvas, int y, const SlotTable *table, int first, int end) {
    if (first >= end) return y;
    draw_slots(app, canvas, y, table, first, end - 1);
    return y + 1;
}

void slot_table_draw(const App *app, Canvas *canvas, const SlotTable *table) {
    int length = app_step(app)->n_keys, n_ctx = app->timeline->config.n_ctx, cursor = app_row(app);
    int y = table->rect.row + HEAD_ROWS, end = table->rect.row + table->rect.n_rows, room = end - y;
    draw_head(app, canvas, table);
    int slot = length <= room ? 0 : length - room + 1; // the first that has a line among the newest
    if (cursor < slot && slot > 0) {
        int n_before = (cursor > 0) + 1;
        slot = length - (room - n_before - 1);
        y = draw_fold(app, canvas, y, table, 0, cursor);
        y = draw_fold(app, canvas, y, table, cursor, cursor + 1);
        y = draw_fold(app, canvas, y, table, cursor + 1, slot);
    } else {
        y = draw_fold(app, canvas, y, table, 0, slot);
    }
    for (; slot < length; slot++) y = draw_fold(app, canvas, y, table, slot, slot + 1);
    for (; y + 1 < end && slot < n_ctx; slot++) y = draw_fold(app, canvas, y, table, slot, slot + 1);
    if (y < end) draw_fold(app, canvas, y, table, slot, n_ctx);
}
