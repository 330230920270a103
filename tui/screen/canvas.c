#include "tui/screen/canvas.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

const char *const SCALE_NAMES[SCALE_COUNT] = {"root", "linear", "log"};

bool canvas_resize(Canvas *canvas, int n_rows, int n_columns) {
    if (n_rows != canvas->n_rows || n_columns != canvas->n_columns) {
        free(canvas->cells);
        canvas->cells = calloc((size_t)n_rows * n_columns, sizeof *canvas->cells);
        canvas->n_rows = canvas->cells ? n_rows : 0;
        canvas->n_columns = canvas->cells ? n_columns : 0;
    }
    canvas_clear(canvas);
    return canvas->cells != NULL;
}

void canvas_done(Canvas *canvas) {
    free(canvas->cells);
    *canvas = (Canvas){0};
}

void canvas_clear(Canvas *canvas) {
    canvas->target = (Target){0};
    for (int i = 0; i < canvas->n_rows * canvas->n_columns; i++)
        canvas->cells[i] = (Cell){.glyph = " ", .width = 1, .role = ROLE_TEXT};
}

void canvas_target(Canvas *canvas, const char *command, int argument, int second_argument) {
    canvas->target = (Target){command, {argument, second_argument}};
}

const Cell *canvas_cell(const Canvas *canvas, int row, int column) {
    return &canvas->cells[row * canvas->n_columns + column];
}

static const char LONE[] = "◌"; // carries a combining mark that has nothing to stand on

// What stands for a glyph where there is only ASCII.
static const char *in_ascii(const char *glyph) {
    static const struct {
        const char *plain, *glyphs;
    } GROUPS[] = {
        {"-", "─░—−–"}, {"|", "│"},    {"+", "┌┐└┘├┤┬┴┼▒"}, {"#", "█■▇"},  {"%", "▓"},      {":", "░"},
        {"'", "▔"},     {"T", "ᵀ"},    {"*", "•"},          {".", "·⣀"},   {"o", "□○"},     {"x", "×▨◐"},
        {">", "→⇥▶≥▸"}, {"<", "←◂"},   {"^", "↑"},          {"v", "↓√"},   {"~", "…"},      {"d", "Δ"},
        {"/", "↵╱"},    {"\"", "“”▀"}, {"!", "≠✗"},         {"_", "▁▂▃␣"}, {"=", "▄▅▆━≡✓"}, {":", "⣤⣶⣿"},
        {"S", "Σ"},     {"2", "²"},    {"8", "∞"},          {"u", "µ"},    {"O", "●"},      {"\\", "╲"},
    };
    if ((unsigned char)glyph[0] < 0x80) return glyph;
    for (size_t i = 0; i < sizeof GROUPS / sizeof *GROUPS; i++)
        if (strstr(GROUPS[i].glyphs, glyph)) return GROUPS[i].plain;
    return "?";
}

static Cell *cell_at(Canvas *canvas, int row, int column) {
    return &canvas->cells[row * canvas->n_columns + column];
}

// A wide glyph whose one half is drawn over loses the other.
static void unsplit(Canvas *canvas, int row, int column) {
    Cell *cell = cell_at(canvas, row, column);
    if (cell->width == 2 && column + 1 < canvas->n_columns)
        *cell_at(canvas, row, column + 1) = (Cell){.glyph = " ", .width = 1, .role = cell->role};
    if (cell->width == 0 && column > 0)
        *cell_at(canvas, row, column - 1) = (Cell){.glyph = " ", .width = 1, .role = cell->role};
}

// A combining mark by itself: a terminal would put it on what stands before.
static bool is_lone_mark(const char *bytes) {
    utf8proc_int32_t code;
    return utf8proc_iterate((const utf8proc_uint8_t *)bytes, -1, &code) > 0 && utf8proc_charwidth(code) == 0;
}

// A character with whatever combines with it, and its columns.
typedef struct Glyph {
    const char *bytes;
    size_t n_bytes;
    int width;
} Glyph;

// Returns the columns of the glyph, or -1 when it does not fit.
static int put_glyph(Canvas *canvas, int row, int column, int limit, Role role, Glyph wanted) {
    const char *bytes = wanted.bytes;
    size_t n_bytes = wanted.n_bytes;
    int width = wanted.width;
    char glyph[CELL_BYTES] = "";
    size_t base = is_lone_mark(bytes) ? strlen(LONE) : 0;
    memcpy(glyph, LONE, base);
    if (n_bytes >= sizeof glyph - base) n_bytes = sizeof glyph - base - 1; // a pile of combining marks
    while (n_bytes > 0 && ((unsigned char)bytes[n_bytes] & 0xC0) == 0x80) n_bytes--;
    memcpy(glyph + base, bytes, n_bytes);
    if (canvas->ascii) {
        const char *plain = in_ascii(glyph);
        width = 1;
        memmove(glyph, plain, strlen(plain) + 1);
    }
    if (column + width > limit || column < 0) return -1;
    for (int i = 0; i < width; i++) {
        unsplit(canvas, row, column + i);
        *cell_at(canvas, row, column + i) = (Cell){.width = 0, .role = role, .target = canvas->target};
    }
    Cell *cell = cell_at(canvas, row, column);
    memcpy(cell->glyph, glyph, sizeof glyph);
    cell->width = (unsigned char)width;
    return width;
}

// The length of the grapheme at the start of `text` and its columns. `text` is UTF-8 and not empty. Its last
// character may be cut off, where a format had no room for it: that is the end of the text, 0 columns wide.
static size_t next_glyph(const char *text, int *width) {
    utf8proc_int32_t code, state = 0, next;
    utf8proc_ssize_t first = utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &code);
    *width = 0;
    if (first < 1) return strlen(text);
    size_t length = (size_t)first;
    *width = utf8proc_charwidth(code);
    while (text[length]) {
        utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text + length, -1, &next);
        if (n <= 0 || utf8proc_grapheme_break_stateful(code, next, &state)) break;
        int next_width = utf8proc_charwidth(next);
        if (next_width > *width) *width = next_width;
        length += (size_t)n;
        code = next;
    }
    if (*width == 0) *width = 1; // a combining mark by itself
    return length;
}

static int put_string(Canvas *canvas, int row, int column, int max_columns, Role role, const char *text) {
    if (row < 0 || row >= canvas->n_rows) return 0;
    int limit = column + max_columns < canvas->n_columns ? column + max_columns : canvas->n_columns, used = 0;
    while (*text) {
        int width;
        size_t length = next_glyph(text, &width);
        Glyph glyph = {text, length, width};
        int advance = width > 0 ? put_glyph(canvas, row, column + used, limit, role, glyph) : -1;
        if (advance < 0) break;
        used += advance;
        text += length;
    }
    return used;
}

void canvas_neutralise(const Canvas *canvas, char *out, size_t size, Text text) {
    text_neutralise(out, size, text, TEXT_LINE + (canvas->ascii ? TEXT_ASCII : 0));
}

int canvas_text(Canvas *canvas, int row, int column, int max_columns, Role role, Text text) {
    char clean[1024];
    canvas_neutralise(canvas, clean, sizeof clean, text);
    return put_string(canvas, row, column, max_columns, role, clean);
}

int canvas_print(Canvas *canvas, int row, int column, int max_columns, Role role, const char *format, ...) {
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return put_string(canvas, row, column, max_columns, role, text);
}

void canvas_copy(Canvas *to, int row, int column, const Canvas *from) {
    for (int y = 0; y < from->n_rows && row + y < to->n_rows; y++)
        for (int x = 0; x < from->n_columns && column + x < to->n_columns; x++)
            to->cells[(row + y) * to->n_columns + column + x] = *canvas_cell(from, y, x);
}

int canvas_text_width(const Canvas *canvas, Text text) {
    char clean[1024];
    canvas_neutralise(canvas, clean, sizeof clean, text);
    int total = 0;
    for (const char *next = clean; *next;) {
        int width;
        next += next_glyph(next, &width);
        total += width;
    }
    return total;
}

int canvas_print_right(Canvas *canvas, int row, int end, Role role, const char *words) {
    int width = canvas_text_width(canvas, text_from(words));
    return put_string(canvas, row, end - width, width, role, words);
}

void canvas_print_down(Canvas *canvas, int end_row, int column, int max_rows, Role role, const char *words) {
    int n_glyphs = 0, width;
    for (const char *next = words; *next; n_glyphs++) next += next_glyph(next, &width);
    if (n_glyphs > max_rows) n_glyphs = max_rows;
    for (int row = end_row - n_glyphs; row < end_row; row++) {
        char glyph[CELL_BYTES] = "";
        size_t length = next_glyph(words, &width);
        memcpy(glyph, words, length < sizeof glyph ? length : 0);
        put_string(canvas, row, column, 2, role, glyph);
        words += length;
    }
}

void canvas_bar(Canvas *canvas, int row, int column, int max_columns, Role role, double value) {
    static const char *const EIGHTHS[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    if (!(value > 0) || max_columns < 1) return;
    int eighths = (int)(8 * max_columns * (value < 1 ? value : 1) + 0.5);
    if (canvas->ascii) eighths = (eighths + 4) / 8 * 8;
    for (int i = 0; i < eighths / 8; i++) put_string(canvas, row, column + i, 1, role, "█");
    put_string(canvas, row, column + eighths / 8, 1, role, EIGHTHS[eighths % 8]);
}

int canvas_heat_level(double weight, Scale scale) {
    if (!(weight > 0)) return 0;
    if (weight > 1) weight = 1;
    double heat = scale == SCALE_ROOT  ? sqrt(weight)
                  : scale == SCALE_LOG ? fmax(0, 1 + log10(weight) / 4)
                                       : weight;
    return (int)(heat * (HEAT_LEVELS - 1) + 0.5);
}

static void put_heat(Canvas *canvas, int row, int column, int n_columns, Role coldest, int level) {
    static const char *const SHADES[] = {" ", "░", "▒", "▓", "█"};
    const char *shade = SHADES[(level * 4 + HEAT_LEVELS - 2) / (HEAT_LEVELS - 1)];
    for (int i = 0; i < n_columns; i++)
        put_string(canvas, row, column + i, 1, (Role)(coldest + level), shade);
}

void canvas_heat(Canvas *canvas, int row, int column, int n_columns, double weight, Scale scale) {
    put_heat(canvas, row, column, n_columns, ROLE_HEAT, canvas_heat_level(weight, scale));
}

void canvas_dim_heat(Canvas *canvas, int row, int column, int n_columns, double weight, Scale scale) {
    put_heat(canvas, row, column, n_columns, ROLE_DIM_HEAT, canvas_heat_level(weight, scale));
}

void canvas_signed_heat(Canvas *canvas, int row, int column, int n_columns, double value, Scale scale) {
    static const char *const DASHES[] = {" ", "-", "-", "=", "≡"};
    if (!(value < 0)) {
        canvas_heat(canvas, row, column, n_columns, value, scale);
        return;
    }
    int level = canvas_heat_level(-value, scale);
    const char *dash = DASHES[(level * 4 + HEAT_LEVELS - 2) / (HEAT_LEVELS - 1)];
    for (int i = 0; i < n_columns; i++)
        put_string(canvas, row, column + i, 1, (Role)(ROLE_COOL + level), dash);
}

char *canvas_to_text(const Canvas *canvas, bool with_roles) {
    static const char LETTERS[] = ".dtfTu!wbkpcCmsneArgBal0123456789XYDEFGHIJKLMNOhijoqvxyzPQR";
    size_t line = (size_t)canvas->n_columns * CELL_BYTES + 1;
    char *text = malloc(canvas->n_rows * line * 2 + 1), *end = text;
    if (!text) return NULL;
    for (int row = 0; row < canvas->n_rows; row++) {
        const char *start = end;
        for (int column = 0; column < canvas->n_columns; column++) {
            const char *glyph = canvas_cell(canvas, row, column)->glyph;
            size_t n = strlen(glyph);
            memcpy(end, glyph, n);
            end += n;
        }
        while (end > start && end[-1] == ' ') end--;
        *end++ = '\n';
        for (int column = 0; with_roles && column < canvas->n_columns; column++)
            *end++ = LETTERS[canvas_cell(canvas, row, column)->role];
        if (with_roles) *end++ = '\n';
    }
    *end = '\0';
    return text;
}
