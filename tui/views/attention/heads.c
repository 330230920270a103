// All heads of the layer as small multiples. Query heads that share a KV head stand together under its name.
//
//     KV head 0 ──────────────────    a glyph is the largest of the weights that it stands for; src 0 has a
//     column of its
//      0  .412   [1] .033   2 ...     own, because so much looks there. Each head's number is its weight at
//      the cursor. █╱╱╱╱      █╱╱╱╱
//     ▸█░╱╱╱◂    ▸█░╱╱╱◂
#include "tui/views/attention/attention.h"

#include <math.h>
#include <stdio.h>

#include "tui/widgets/attended.h"
#include "tui/widgets/matrix.h"

enum { LEAST_WIDE = 7, LEAST_HIGH = 2, MOST_CELL = 4, MOST_READ = 4000000 };

// Blocks are KV heads with their tiles, or, when each query head has its own, as many blocks as heads without
// a title.
typedef struct Tiling {
    int n_blocks, n_tiles;       // blocks on a page, tiles of a block on a page
    int blocks_across, across;   // blocks beside each other, and tiles in a block
    int title;                   // lines that a block's name takes
    int first_block, first_tile; // of the page, the tile in each block
    int width, height; // of a tile's matrix, without its own title, the marks at its sides and a blank
} Tiling;

// What is drawn in each tile: the same cells of every head.
typedef struct Picture {
    int first_row, n_rows; // positions
    int n_src;
    int cursor_src;
    int width, height; // in glyphs
} Picture;

static int ceil_div(int n, int by) {
    return (n + by - 1) / by;
}

static int least(int a, int b) {
    return a < b ? a : b;
}

int attention_group(const App *app) {
    const Config *c = &app->timeline->config;
    return app->is_cross ? 1 : c->n_heads / c->n_kv_heads;
}

// ---- layout -------------------------------------------------------------------------------------

// Sets the tile's size for this arrangement; how much of an n × n matrix it shows, in lines of glyphs. 0: it
// is too small.
static int fit(Tiling *t, Rect rect, int n) {
    t->width = rect.n_columns / t->blocks_across / t->across - 3;
    int block = rect.n_rows / ceil_div(t->n_blocks, t->blocks_across);
    t->height = (block - t->title) / ceil_div(t->n_tiles, t->across) - 1;
    if (t->width < LEAST_WIDE || t->height < LEAST_HIGH) return 0;
    return least(least(t->width / 2, t->height), n) * 1000 +
           least(t->width, t->height); // the larger side breaks a tie
}

// The arrangement with the largest tiles; false when none has tiles that are large enough.
static bool arrange(Tiling *tiling, Rect rect, int n) {
    int best = 0;
    Tiling t = *tiling;
    for (t.blocks_across = 1; t.blocks_across <= t.n_blocks; t.blocks_across++)
        for (t.across = 1; t.across <= t.n_tiles; t.across++) {
            int shown = fit(&t, rect, n);
            if (shown <= best) continue;
            best = shown;
            *tiling = t;
        }
    return best > 0;
}

// As many blocks on a page as fit; if not even one does, as many of its tiles.
static Tiling tiling_of(const App *app, Rect rect) {
    int group = attention_group(app), n = step_n_tokens(app_step(app));
    Tiling t = {.n_blocks = app->timeline->config.n_heads / group, .n_tiles = group, .title = group > 1};
    while (!arrange(&t, rect, n)) {
        if (t.n_blocks > 1)
            t.n_blocks = ceil_div(t.n_blocks, 2);
        else
            t.n_tiles = ceil_div(t.n_tiles, 2);
    }
    return t;
}

// With thousands of tokens only the rows around the cursor are read: a screen has to be drawn at once.
static Picture picture_of(const App *app, const Tiling *t, int cursor_src) {
    int n_positions = step_n_tokens(app_step(app)), n_src = attended_count(app),
        n_heads = t->n_blocks * t->n_tiles;
    int most = MOST_READ / n_heads / n_src;
    Picture p = {.n_src = n_src, .cursor_src = cursor_src, .n_rows = most < t->height ? t->height : most};
    p.n_rows = least(p.n_rows, n_positions);
    p.first_row = app_row(app) - p.n_rows / 2;
    if (p.first_row > n_positions - p.n_rows) p.first_row = n_positions - p.n_rows;
    if (p.first_row < 0) p.first_row = 0;
    int wide = t->width / n_src,
        high = t->height / p.n_rows; // columns and lines of a cell; 0: cells share a glyph
    if (wide > MOST_CELL) wide = MOST_CELL;
    if (high > wide / 2) high = wide > 1 ? wide / 2 : least(high, 1);
    p.width = wide > 0 ? wide * n_src : t->width;
    p.height = high > 0 ? high * p.n_rows : t->height;
    return p;
}

// ---- a tile -------------------------------------------------------------------------------------

// What glyph i of n_glyphs stands for, of n things: from *from to before *to.
static void span(int i, int n_glyphs, int n, int *from, int *to) {
    *from = (int)((int64_t)i * n / n_glyphs);
    *to = (int)((int64_t)(i + 1) * n / n_glyphs);
    if (*to <= *from) *to = *from + 1;
}

static void span_of_columns(const Picture *p, int i, int *from, int *to) {
    if (p->width >= p->n_src || p->width < 2) {
        span(i, p->width, p->n_src, from, to);
    } else if (i == 0) {
        *from = 0, *to = 1;
    } else {
        span(i - 1, p->width - 1, p->n_src - 1, from, to);
        ++*from, ++*to;
    }
}

typedef struct Tile {
    int y, x; // of its matrix
    int head;
} Tile;

// The largest visible weight of a head in row `position`, from src `from` to before `to`; -1: all are masked.
static float largest(const App *app, int head, int position, int from, int to) {
    AttendedRow row = attended_row(app, attended_site(app), head, position);
    int first, n_visible = attended_span(app, position, &first);
    float most = -1;
    if (from < first) from = first;
    for (int src = from; row.numbers && src < least(to, first + n_visible); src++)
        most = fmaxf(most, attended_at(&row, src));
    return most;
}

static void draw_glyph(const App *app, Canvas *canvas, const Picture *p, const Tile *tile, int line,
                       int column) {
    int row, end, from, to, y = tile->y + line, x = tile->x + column;
    bool is_new = false;
    float most = -1;
    span(line, p->height, p->n_rows, &row, &end);
    span_of_columns(p, column, &from, &to);
    for (int i = row; i < end; i++) {
        float found = largest(app, tile->head, p->first_row + i, from, to);
        if (found > most) most = found;
        is_new = is_new || app_is_new_row(app, p->first_row + i);
    }
    if (most >= 0)
        (is_new ? canvas_heat : canvas_dim_heat)(canvas, y, x, 1, (double)most, app->scale);
    else
        matrix_draw_masked(canvas, y, x, 1, matrix_mask(app, p->first_row + row, from));
}

static void draw_tile_title(const App *app, Canvas *canvas, int y, int x, const Picture *p, int head) {
    int row = app_row(app), src = p->cursor_src, width = p->width < LEAST_WIDE ? LEAST_WIDE : p->width;
    bool is_selected = head == app->head;
    int used = canvas_print(canvas, y, x, width, is_selected ? ROLE_CURSOR : ROLE_TEXT,
                            is_selected  ? "[%d]"
                            : width > 16 ? _(" head %d")
                                         : " %d",
                            head);
    if (is_selected && width > 16) {
        used = canvas_print(canvas, y, x, width, ROLE_CURSOR, _("[head %d]"), head);
    }
    float weight = largest(app, head, row, src, src + 1);
    char text[16];
    snprintf(text, sizeof text, weight < 0 ? _("masked") : "%.2f", (double)weight);
    if (used + 1 + (int)canvas_text_width(canvas, text_from(text)) <= width)
        canvas_print_right(canvas, y, x + width, is_selected ? ROLE_TEXT : ROLE_DIM, text);
}

static void draw_tile(const App *app, Canvas *canvas, int y, int x, const Picture *p, int head) {
    Tile tile = {y + 1, x + 1, head};
    canvas_target(canvas, "head", head, -1);
    draw_tile_title(app, canvas, y, x + 1, p, head);
    for (int line = 0; line < p->height; line++) {
        int row, end, cursor = app_row(app) - p->first_row;
        span(line, p->height, p->n_rows, &row, &end);
        if (app_is_new_row(app, p->first_row + end - 1)) matrix_draw_new(app, canvas, y + 1 + line, x);
        if (row <= cursor && cursor < end)
            canvas_print(canvas, y + 1 + line, x + 1 + p->width, 1, ROLE_CURSOR, "◂");
        for (int i = 0; i < p->width; i++) draw_glyph(app, canvas, p, &tile, line, i);
    }
    canvas_target(canvas, NULL, -1, -1);
}

// ---- blocks -------------------------------------------------------------------------------------

static void draw_block(const App *app, Canvas *canvas, Rect rect, const Tiling *t, const Picture *p,
                       int block) {
    int group = attention_group(app);
    if (t->title) {
        bool is_selected = app->head / group == block;
        int used =
            canvas_print(canvas, rect.row, rect.column, rect.n_columns, is_selected ? ROLE_TITLE : ROLE_DIM,
                         _("KV head %d · heads %d–%d "), block, block * group, block * group + group - 1);
        for (int x = used; x < rect.n_columns - 1; x++)
            canvas_print(canvas, rect.row, rect.column + x, 1, ROLE_FRAME, "─");
    }
    for (int i = 0; i < t->n_tiles && t->first_tile + i < group; i++)
        draw_tile(app, canvas, rect.row + t->title + i / t->across * (p->height + 1),
                  rect.column + i % t->across * (t->width + 3), p, block * group + t->first_tile + i);
}

// How many cells share a glyph, and which rows are shown when not all of them are.
static void describe(const Picture *p, int n_positions, char *words, size_t size) {
    int rows = ceil_div(p->n_rows, p->height), columns = ceil_div(p->n_src, p->width), used = 0;
    words[0] = '\0';
    if (rows > 1 || columns > 1)
        used = snprintf(words, size, _("largest of %d rows × %d src"), rows, columns);
    if (p->n_rows < n_positions)
        snprintf(words + used, size - (size_t)used, _(", rows %d–%d"), p->first_row,
                 p->first_row + p->n_rows - 1);
}

void attention_heads_draw(const App *app, Canvas *canvas, Rect rect, int src, AttentionGlyph *glyph) {
    Tiling t = tiling_of(app, rect);
    Picture p = picture_of(app, &t, src);
    describe(&p, step_n_tokens(app_step(app)), glyph->words, sizeof glyph->words);
    int group = attention_group(app), n_blocks = app->timeline->config.n_heads / group;
    t.first_block = app->head / group / t.n_blocks * t.n_blocks;
    t.first_tile = app->head % group / t.n_tiles * t.n_tiles;
    int wide = t.across * (t.width + 3), high = t.title + ceil_div(t.n_tiles, t.across) * (p.height + 1);
    int room = rect.n_rows / ceil_div(t.n_blocks, t.blocks_across);
    if (high < room) high++; // a blank line between blocks
    for (int i = 0; i < t.n_blocks && t.first_block + i < n_blocks; i++) {
        Rect block = {rect.row + i / t.blocks_across * high, rect.column + i % t.blocks_across * wide, high,
                      wide};
        draw_block(app, canvas, block, &t, &p, t.first_block + i);
    }
}
