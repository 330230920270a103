// The present stage in words: which it is, its formula and shape, Hugging Face's name for it, what it reads
// and from where.
//
//     stage 20 / 63 · layer 1 · scores
//     formula   q · kᵀ / √d_head
//     here      q · kᵀ / √32 = q · kᵀ / 5.657
//     shape     [n_heads 6, n_src 8] of [n_heads 6, n_rows 1, n_src 8]
//     HF code   attn_weights, before the mask
//     reads     □ q: computed now
//               ■ k of slots 0–6: read back from the KV cache
//               □ k of slot 7: computed now
//     numbers   min -4.21  max 2.03  mean -1.02  norm 11.3
#include "tui/views/stages/stages_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WIDE = 60 }; // columns

// Where the next line goes.
typedef struct Lines {
    const Stop *stop;
    Canvas *canvas;
    Rect rect;
    int label_width;
    int y;
} Lines;

static int end_of(const Lines *lines) {
    return lines->rect.column + lines->rect.n_columns;
}

// Draws words from column x on, going on below where they do not fit; ends the line.
static void draw_words(Lines *lines, int x, Role role, const char *words) {
    int at = x, end = end_of(lines);
    while (*words) {
        int n = (int)text_piece(words), blank = words[n] == ' ';
        int width = canvas_text_width(lines->canvas, (Text){words, (size_t)n});
        if (at > x && at + width > end) lines->y++, at = x;
        at += canvas_print(lines->canvas, lines->y, at, end - at, role, "%.*s", n, words) + blank;
        words += n + blank;
    }
    lines->y++;
}

static int draw_label(Lines *lines, const char *label) {
    canvas_print(lines->canvas, lines->y, lines->rect.column, lines->label_width - 1, ROLE_DIM, "%s", label);
    return lines->rect.column + lines->label_width;
}

static void draw_fact(Lines *lines, const char *label, Role role, const char *words) {
    if (*words) draw_words(lines, draw_label(lines, label), role, words);
}

static void draw_name(Lines *lines) {
    const Stop *stop = lines->stop;
    const Site *site = &SITES[stop->stage.site];
    int x = lines->rect.column, end = end_of(lines), y = lines->y++;
    x += canvas_print(lines->canvas, y, x, end - x, ROLE_TEXT, _("stage %d / %d"), stop->index + 1,
                      stages_count(stop->app->timeline));
    if (site->per_layer)
        x += canvas_print(lines->canvas, y, x, end - x, ROLE_DIM, _(" · layer %d"), stop->stage.layer);
    x += canvas_print(lines->canvas, y, x, end - x, ROLE_DIM, " · ");
    x += canvas_print(lines->canvas, y, x, end - x, ROLE_TITLE, "%s", site->name);
    char row[96];
    Label label = stages_src_label(stop, lines->canvas, false, stop->position);
    snprintf(row, sizeof row, _("row %d “%s”"), stop->position, label.text);
    if (canvas_text_width(lines->canvas, text_from(row)) + 2 <= end - x)
        canvas_print_right(lines->canvas, y, end, ROLE_DIM, row);
}

// ASCII has no sign for infinity that one would read as such.
static void draw_formula(Lines *lines) {
    const char *formula = _(SITES[lines->stop->stage.site].formula), *infinity = strstr(formula, "∞");
    char words[128];
    snprintf(words, sizeof words, "%s", formula);
    if (infinity && lines->canvas->ascii)
        snprintf(words, sizeof words, "%.*sinf%s", (int)(infinity - formula), formula,
                 infinity + strlen("∞"));
    draw_fact(lines, _("formula"), ROLE_TEXT, words);
    stages_formula_here(lines->stop, lines->canvas->ascii, words, sizeof words);
    draw_fact(lines, _("here"), ROLE_TEXT, words);
}

static const char *axis_name(const char *axis) {
    static const char *const COUNTS[][2] = {{"row", "n_rows"},         {"head", "n_heads"},
                                            {"kv_head", "n_kv_heads"}, {"key", "n_src"},
                                            {"source", "n_source"},    {"vocab", "n_vocab"}};
    for (size_t i = 0; i < sizeof COUNTS / sizeof *COUNTS; i++)
        if (strcmp(axis, COUNTS[i][0]) == 0) return COUNTS[i][1];
    return axis;
}

// The axes with their sizes, the row's left out or not.
static void name_shape(const Stop *stop, bool has_row, char *out, size_t size) {
    const char *axes[3];
    int64_t shape[3];
    int n = site_axes(stop->stage.site, axes);
    PassShape pass = step_shape(stop->step);
    site_shape(stop->stage.site, stop->config, &pass, shape);
    size_t used = 0;
    for (int i = 0; i < n; i++) {
        if (!has_row && strcmp(axes[i], "row") == 0) continue;
        used += (size_t)snprintf(out + used, size - used, "%s%s %lld", used ? ", " : "[", axis_name(axes[i]),
                                 (long long)shape[i]);
    }
    snprintf(out + used, size - used, "]");
}

static void draw_shape(Lines *lines) {
    char own[96], whole[96], words[200];
    name_shape(lines->stop, false, own, sizeof own);
    name_shape(lines->stop, true, whole, sizeof whole);
    snprintf(words, sizeof words, _("%s of %s"), own, whole);
    bool has_both = strcmp(own, whole) != 0 && canvas_text_width(lines->canvas, text_from(words)) <=
                                                   end_of(lines) - lines->rect.column - lines->label_width;
    draw_fact(lines, _("shape"), ROLE_TEXT, has_both ? words : whole);
}

static void draw_their_name(Lines *lines) {
    const Site *site = &SITES[lines->stop->stage.site];
    const char *family = lines->stop->config->architecture;
    bool is_gpt2 = strncmp(family, "gpt", 3) == 0 || strcmp(family, "encoder-decoder") == 0;
    const char *name = is_gpt2 ? site->gpt2 : site->llama;
    draw_fact(lines, lines->rect.n_columns < WIDE ? _("HF code") : "Hugging Face", ROLE_TEXT,
              name ? name : _("has no name for it"));
}

// ---- what it reads ------------------------------------------------------------------------------

// A line with its mark: □ computed by this pass, ■ read back. A click goes to the stage that computes it.
static void draw_source(Lines *lines, bool is_stored, int stage, const char *words) {
    int x = lines->rect.column + lines->label_width;
    canvas_target(lines->canvas, stage >= 0 ? "stage" : NULL, stage + 1, -1);
    canvas_print(lines->canvas, lines->y, x, 1, is_stored ? ROLE_STORED : ROLE_NEW, is_stored ? "■" : "□");
    draw_words(lines, x + 2, is_stored ? ROLE_STORED : ROLE_TEXT, words);
    canvas_target(lines->canvas, NULL, -1, -1);
}

static void name_slots(char out[48], int first, int n) {
    snprintf(out, 48, n == 1 ? _("slot %d") : _("slots %d–%d"), first, first + n - 1);
}

static void draw_cached_input(Lines *lines, const Input *input) {
    const Step *step = lines->stop->step;
    const char *name = SITES[input->site].name;
    char slots[48], words[128];
    if (step_first_token(step) > 0) {
        name_slots(slots, 0, step_first_token(step));
        snprintf(words, sizeof words,
                 lines->rect.n_columns < WIDE ? _("%s %s: read back from cache")
                                              : _("%s of %s: read back from the KV cache"),
                 name, slots);
        draw_source(lines, true, input->stage, words);
    }
    name_slots(slots, step_first_token(step), step->n_rows);
    snprintf(words, sizeof words,
             lines->rect.n_columns < WIDE ? _("%s %s: computed now%s") : _("%s of %s: computed now%s"), name,
             slots, step_first_token(step) ? "" : _(", nothing is read back"));
    draw_source(lines, false, input->stage, words);
    if (step_first_token(step) == 0) return;
    snprintf(words, sizeof words, _("recomputation computes all %d again"), step_n_tokens(step));
    draw_words(lines, lines->rect.column + lines->label_width + 2, ROLE_RECOMPUTE, words);
}

static void draw_cross_input(Lines *lines, const Input *input) {
    int n = lines->stop->app->timeline->n_source;
    bool is_stored = lines->stop->step->index > 0;
    char words[128];
    snprintf(words, sizeof words,
             is_stored ? _("%s of %d source tokens: read back from the cross cache, which step 0 filled")
                       : _("%s of %d source tokens: computed now, this once"),
             SITES[input->site].name, n);
    draw_source(lines, is_stored, input->stage, words);
}

static void draw_encoder_input(Lines *lines) {
    bool is_stored = lines->stop->step->index > 0;
    draw_source(
        lines, is_stored, -1,
        is_stored
            ? _("nothing now: step 0 computed it from the encoder's output, the cross cache has kept it")
            : _("the encoder's output, computed before this pass"));
}

static void draw_token_input(Lines *lines) {
    const Stop *stop = lines->stop;
    const Token *token = &stop->app->timeline->tokens[stop->position];
    Label label = stages_src_label(stop, lines->canvas, false, stop->position);
    char words[128];
    snprintf(words, sizeof words, _("token %d “%s” at position %d, %s"), token->id, label.text,
             stop->position, token->generated ? _("chosen by the step before") : _("of the prompt"));
    draw_source(lines, false, -1, words);
}

static void draw_inputs(Lines *lines) {
    Input inputs[MOST_INPUTS];
    int n = stages_inputs(lines->stop->app->timeline, lines->stop->stage, inputs);
    draw_label(lines, _("reads"));
    for (int i = 0; i < n; i++) {
        char words[64];
        if (inputs[i].origin == FROM_CACHE) draw_cached_input(lines, &inputs[i]);
        if (inputs[i].origin == FROM_CROSS_CACHE) draw_cross_input(lines, &inputs[i]);
        if (inputs[i].origin == FROM_ENCODER) draw_encoder_input(lines);
        if (inputs[i].origin == FROM_TOKEN) draw_token_input(lines);
        if (inputs[i].origin != FROM_PASS) continue;
        snprintf(words, sizeof words, _("%s: computed now, stage %d"), SITES[inputs[i].site].name,
                 inputs[i].stage + 1);
        draw_source(lines, false, inputs[i].stage, words);
    }
}

// K and V outlive the pass.
static void draw_kept(Lines *lines) {
    const Stop *stop = lines->stop;
    SiteId site = stop->stage.site;
    char words[96];
    if (site == SITE_V || site == stages_k_site(stop->config)) {
        snprintf(words, sizeof words, _("slot %d of the KV cache keeps it for all later steps"),
                 stop->position);
        draw_fact(lines, _("kept"), ROLE_NEW, words);
    } else if ((site == SITE_CROSS_K || site == SITE_CROSS_V) && stop->step->index == 0) {
        draw_fact(lines, _("kept"), ROLE_NEW, _("the cross cache keeps it for all later steps"));
    }
}

static void draw_stats(Lines *lines) {
    const Stop *stop = lines->stop;
    Stats stats = stages_row_stats(stop);
    char words[160];
    if (stats.n > 0) {
        Number min = stages_number(stats.min, 3), max = stages_number(stats.max, 3);
        Number mean = stages_number(stats.sum / (double)stats.n, 3),
               norm = stages_number(sqrt(stats.squares), 3);
        if (lines->rect.n_columns < WIDE)
            snprintf(words, sizeof words, _("min %s max %s norm %s"), min.text, max.text, norm.text);
        else
            snprintf(words, sizeof words, _("min %s   max %s   mean %s   L2 norm %s"), min.text, max.text,
                     mean.text, norm.text);
        draw_fact(lines, _("numbers"), ROLE_TEXT, words);
        return;
    }
    const char *why = stop->step->sites[stop->stage.site]
                          ? _("logits are computed for the last row of a pass alone: ↓ goes there")
                      : stop->app->session
                          ? _("not kept: there is no room for them in the memory for numbers")
                          : _("not in this trace; kvstep run --record all --trace FILE keeps them");
    draw_fact(lines, _("numbers"), ROLE_TEXT, why);
}

void stages_draw_facts(const Stop *stop, Canvas *canvas, Rect rect, int *n_used) {
    Lines lines = {stop, canvas, rect, rect.n_columns < WIDE ? 9 : 14, rect.row};
    bool is_tall = rect.n_rows >= 26;
    draw_name(&lines);
    lines.y += is_tall;
    draw_formula(&lines);
    draw_shape(&lines);
    draw_their_name(&lines);
    lines.y += is_tall;
    draw_inputs(&lines);
    draw_kept(&lines);
    lines.y += is_tall;
    draw_stats(&lines);
    *n_used = lines.y - rect.row;
}
