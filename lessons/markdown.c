#include "lessons/markdown.h"

#include <md4c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Characters in {{expressions}} that Markdown would interpret. They are replaced before parsing and restored
// in the blocks.
static const char HIDDEN[][2] = {{'|', 0x1C}, {'*', 0x1D}, {'_', 0x1E},
                                 {'<', 0x1F}, {'[', 0x11}, {'&', 0x12}};

enum { MAX_LISTS = 16 };

typedef struct Reader {
    bool (*take)(void *context, const Block *block);
    void *context;
    const char *source; // [n_source] with hidden signs
    size_t n_source;
    const char *counted; // up to here the lines are counted
    int line;
    Block block;
    FILE *out; // where the block's text goes
    size_t n_text;
    bool breaks;            // a line has ended inside the text
    bool is_wide;           // the last character before it was a wide one
    int numbers[MAX_LISTS]; // the next entry's number in each open list; 0: bullets
    int n_lists;
    bool entry_begins;     // the next paragraph is the first of its entry
    int n_quotes, n_cells; // cells of the row so far
} Reader;

static int line_of(Reader *r, const char *at) {
    for (; r->counted < at; r->counted++) r->line += *r->counted == '\n';
    return r->line;
}

static void begin(Reader *r, ItemKind kind) {
    if (r->out) return;
    r->block = (Block){.kind = kind,
                       .depth = r->n_lists < MAX_LISTS ? r->n_lists - 1 : MAX_LISTS - 1,
                       .info = r->block.info};
    r->out = open_memstream(&r->block.text, &r->n_text);
    r->breaks = r->is_wide = false;
}

static void begin_paragraph(Reader *r) {
    if (r->out) return;
    begin(r, r->n_lists > 0 ? ITEM_LIST : r->n_quotes > 0 ? ITEM_QUOTE : ITEM_PARAGRAPH);
    if (r->n_lists == 0) return;
    int *number = &r->numbers[(r->n_lists < MAX_LISTS ? r->n_lists : MAX_LISTS) - 1];
    r->block.number = r->entry_begins ? *number : -1;
    if (r->entry_begins && *number > 0) ++*number;
    r->entry_begins = false;
}

static void unhide(char *text) {
    for (char *c = text; *c; c++)
        for (size_t i = 0; i < sizeof HIDDEN / sizeof *HIDDEN; i++)
            if (*c == HIDDEN[i][1]) *c = HIDDEN[i][0];
}

static int end(Reader *r) {
    if (!r->out) return 0;
    bool ok = fclose(r->out) == 0;
    r->out = NULL;
    if (ok) {
        if (!r->block.line) r->block.line = r->line;
        unhide(r->block.text);
        ok = r->take(r->context, &r->block);
    }
    free(r->block.text);
    r->block.text = NULL;
    return ok ? 0 : -1;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *user) {
    Reader *r = user;
    static char no_info[] = "";
    bool is_part =
        type == MD_BLOCK_TH || type == MD_BLOCK_TD || type == MD_BLOCK_THEAD || type == MD_BLOCK_TBODY;
    if (!is_part && end(r) != 0) return -1; // of a tight list's entry, which has no paragraph of its own
    if (type == MD_BLOCK_UL || type == MD_BLOCK_OL) {
        int list =
            r->n_lists++ < MAX_LISTS ? r->n_lists - 1 : MAX_LISTS - 1; // deeper ones look like the last
        r->numbers[list] = type == MD_BLOCK_OL ? (int)((MD_BLOCK_OL_DETAIL *)detail)->start : 0;
    } else if (type == MD_BLOCK_LI) {
        r->entry_begins = true;
    } else if (type == MD_BLOCK_QUOTE) {
        r->n_quotes++;
    } else if (type == MD_BLOCK_H) {
        begin(r, ITEM_HEADING);
        r->block.heading = (int)((MD_BLOCK_H_DETAIL *)detail)->level;
    } else if (type == MD_BLOCK_CODE) {
        const MD_ATTRIBUTE *info = &((MD_BLOCK_CODE_DETAIL *)detail)->info;
        begin(r, ITEM_CODE);
        r->block.info = info->size ? strndup(info->text, info->size) : no_info;
        if (!r->block.info) return -1;
    } else if (type == MD_BLOCK_TR) {
        begin(r, ITEM_ROW);
        r->n_cells = 0;
    } else if (type == MD_BLOCK_TH || type == MD_BLOCK_TD) {
        if (r->out && r->n_cells++ > 0) fputc(MARK_CELL, r->out);
    } else if (type == MD_BLOCK_HR) {
        begin(r, ITEM_RULE);
    } else if (type == MD_BLOCK_P) {
        begin_paragraph(r);
    }
    return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *user) {
    Reader *r = user;
    (void)detail;
    if (type == MD_BLOCK_UL || type == MD_BLOCK_OL) r->n_lists--;
    if (type == MD_BLOCK_QUOTE) r->n_quotes--;
    bool is_cell = type == MD_BLOCK_TH || type == MD_BLOCK_TD;
    if (is_cell) return 0;
    int status = end(r);
    if (type == MD_BLOCK_CODE && r->block.info && *r->block.info) free(r->block.info);
    if (type == MD_BLOCK_CODE) r->block.info = NULL;
    return status;
}

static int change_span(Reader *r, MD_SPANTYPE type, bool enters) {
    int mark = type == MD_SPAN_STRONG ? MARK_STRONG
               : type == MD_SPAN_EM   ? MARK_EMPHASIS
               : type == MD_SPAN_CODE ? MARK_CODE
                                      : 0;
    begin_paragraph(r);
    if (!r->out) return -1;
    if (mark && enters && r->breaks) fputc(' ', r->out), r->breaks = false;
    if (mark) fputc(enters ? mark : MARK_END, r->out);
    return 0;
}

static int enter_span(MD_SPANTYPE type, void *detail, void *user) {
    (void)detail;
    return change_span(user, type, true);
}

static int leave_span(MD_SPANTYPE type, void *detail, void *user) {
    (void)detail;
    return change_span(user, type, false);
}

// A line break after a Chinese character becomes no space: Chinese has none between words.
static bool is_wide(const char *text) {
    return (unsigned char)text[0] >= 0xE2 &&
           ((unsigned char)text[0] != 0xE2 || (unsigned char)text[1] >= 0xBA);
}

static void put_text(Reader *r, const char *text, size_t n) {
    if (r->breaks && !(r->is_wide && is_wide(text))) fputc(' ', r->out);
    r->breaks = false;
    fwrite(text, 1, n, r->out);
    size_t last = n - 1;
    while (last > 0 && ((unsigned char)text[last] & 0xC0) == 0x80) last--;
    r->is_wide = is_wide(text + last);
}

static void put_entity(Reader *r, const char *text, size_t n) {
    static const char *const ENTITIES[][2] = {
        {"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}, {"&quot;", "\""}, {"&nbsp;", " "}};
    for (size_t i = 0; i < sizeof ENTITIES / sizeof *ENTITIES; i++)
        if (strlen(ENTITIES[i][0]) == n && strncmp(ENTITIES[i][0], text, n) == 0) {
            put_text(r, ENTITIES[i][1], 1);
            return;
        }
    put_text(r, text, n);
}

static int take_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE n, void *user) {
    Reader *r = user;
    begin_paragraph(r);
    if (!r->out) return -1;
    bool is_source = text >= r->source && text < r->source + r->n_source;
    int line = is_source ? line_of(r, text) : r->line;
    if (!r->block.line) r->block.line = line;
    if (type == MD_TEXT_SOFTBR)
        r->breaks = true;
    else if (type == MD_TEXT_BR)
        fputc('\n', r->out);
    else if (type == MD_TEXT_ENTITY)
        put_entity(r, text, n);
    else if (type != MD_TEXT_NULLCHAR && n > 0)
        put_text(r, text, n);
    return 0;
}

// A copy of the same length in which the characters of expressions are hidden.
static char *hide(const char *text, size_t n) {
    char *copy = strndup(text, n), *at = copy;
    while (at && (at = strstr(at, "{{"))) {
        char *close = strstr(at, "}}");
        for (; close && at < close; at++)
            for (size_t i = 0; i < sizeof HIDDEN / sizeof *HIDDEN; i++)
                if (*at == HIDDEN[i][0]) *at = HIDDEN[i][1];
        if (!close) break;
    }
    return copy;
}

bool markdown_read(const char *text, size_t n, int first_line,
                   bool (*take)(void *context, const Block *block), void *context) {
    MD_PARSER parser = {.flags = MD_FLAG_TABLES | MD_FLAG_NOHTML | MD_FLAG_NOINDENTEDCODEBLOCKS,
                        .enter_block = enter_block,
                        .leave_block = leave_block,
                        .enter_span = enter_span,
                        .leave_span = leave_span,
                        .text = take_text};
    char *source = hide(text, n);
    if (!source) return false;
    Reader r = {.take = take,
                .context = context,
                .source = source,
                .n_source = strlen(source),
                .counted = source,
                .line = first_line};
    bool ok = md_parse(source, (MD_SIZE)strlen(source), &parser, &r) == 0;
    if (r.out) fclose(r.out);
    free(r.block.text);
    free(source);
    return ok;
}
