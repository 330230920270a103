#include "lessons/question_read.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/array.h"
#include "core/base/language.h"
#include "lessons/markdown.h"
#include "lessons/value.h"

// ---- lines --------------------------------------------------------------------------------------

static bool add_command(CommandLines *out, const char *text, int line) {
    if (!array_grow((void **)&out->lines, out->n, sizeof *out->lines)) return false;
    if (!array_grow((void **)&out->numbers, out->n, sizeof *out->numbers)) return false;
    out->numbers[out->n] = line;
    return (out->lines[out->n] = strdup(text)) && ++out->n;
}

bool commands_read(CommandLines *out, const char *text, int first_line) {
    char *copy = strdup(text), *rest = copy;
    bool ok = copy;
    for (char *line; ok && (line = strsep(&rest, "\n")); first_line++) {
        line += strspn(line, " \t");
        for (size_t n = strlen(line); n > 0 && isspace((unsigned char)line[n - 1]);) line[--n] = '\0';
        if (*line && *line != '#') ok = add_command(out, line, first_line);
    }
    free(copy);
    return ok;
}

void commands_done(CommandLines *commands) {
    for (int i = 0; i < commands->n; i++) free(commands->lines[i]);
    free(commands->lines);
    free(commands->numbers);
    *commands = (CommandLines){0};
}

// ---- prose --------------------------------------------------------------------------------------

typedef struct Paragraphs {
    Prose *out;
    int n, max;
    Problems *problems;
} Paragraphs;

static bool take_paragraph(void *context, const Block *block) {
    Paragraphs *p = context;
    bool is_line = p->max == 1; // an option, a hint: one paragraph
    if (is_line && block->kind != ITEM_PARAGRAPH)
        problems_add(p->problems, block->line,
                     "this begins like a list, a heading or code: put a \\ before its sign");
    if (p->n == p->max) {
        problems_add(p->problems, block->line,
                     is_line ? N_("this has one paragraph; more of them have no place")
                             : N_("a question has too many paragraphs"));
        return true;
    }
    p->out[p->n] = (Prose){.text = strdup(block->text), .line = block->line};
    return p->out[p->n].text && ++p->n;
}

// Reads at most `max` paragraphs. Returns how many.
static int read_prose(Problems *problems, Prose *out, int max, const char *text, int line) {
    Paragraphs p = {out, 0, max, problems};
    markdown_read(text, strlen(text), line, take_paragraph, &p);
    return p.n;
}

static void prose_done(Prose *prose) {
    free(prose->text);
    free(prose->filled);
}

// ---- the parts of a question --------------------------------------------------------------------

typedef struct QuestionReader {
    Question *q;
    Problems *problems;
    bool has_directive; // the question's own text has ended
    int n_marked;       // options in the form of a task list
} QuestionReader;

// Cuts "TEXT :: REASON"; NULL when there is no reason.
static char *cut_reason(char *text) {
    char *reason = strstr(text, " ::");
    if (!reason) return NULL;
    *reason = '\0';
    reason += 3;
    return reason + strspn(reason, " ");
}

static void read_option(QuestionReader *r, char *text, int line) {
    Question *q = r->q;
    if (q->n_options == MAX_OPTIONS) {
        problems_add(r->problems, line, "a question has at most %d options", MAX_OPTIONS);
        return;
    }
    Option *option = &q->options[q->n_options];
    bool is_task = text[0] == '[' && text[1] && text[2] == ']';
    option->is_right = is_task && (text[1] == 'x' || text[1] == 'X');
    r->n_marked += option->is_right;
    if (is_task) text += 3;
    char *reason = cut_reason(text);
    if (read_prose(r->problems, &option->text, 1, text, line) == 0) {
        problems_add(r->problems, line, "this option has no text");
        return;
    }
    q->n_options++;
    if (reason) read_prose(r->problems, &option->reason, 1, reason, line);
}

static void read_wrong(QuestionReader *r, char *text, int line) {
    Question *q = r->q;
    char *reason = cut_reason(text);
    if (!reason || q->n_wrong == MAX_PARTS) {
        problems_add(r->problems, line,
                     reason ? N_("a question has at most %d of these")
                            : N_("wrong: is written EXPRESSION :: TEXT"),
                     MAX_PARTS);
        return;
    }
    Wrong *wrong = &q->wrong[q->n_wrong];
    if (read_prose(r->problems, &wrong->reason, 1, reason, line) == 0) {
        problems_add(r->problems, line, "nothing stands after the ::");
        return;
    }
    wrong->expression = strdup(text);
    if (wrong->expression)
        q->n_wrong++;
    else
        prose_done(&wrong->reason);
}

static void read_hint(QuestionReader *r, const char *text, int line) {
    Question *q = r->q;
    if (q->n_hints < MAX_PARTS)
        q->n_hints += read_prose(r->problems, &q->hints[q->n_hints], 1, text, line);
    else
        problems_add(r->problems, line, "a question has at most %d hints", MAX_PARTS);
}

static void read_once(QuestionReader *r, char **field, const char *name, const char *text, int line) {
    if (*field) problems_add(r->problems, line, "%s: stands here a second time", name);
    if (!*field) *field = strdup(text);
}

enum { CHOOSE = 1 << QUESTION_CHOOSE, PREDICT = 1 << QUESTION_PREDICT, DO = 1 << QUESTION_DO };
static const struct QuestionField {
    const char *name;
    int kinds; // of question that it belongs to
} PARTS[] = {{"hint", CHOOSE | PREDICT | DO},
             {"because", CHOOSE | PREDICT | DO},
             {"after", CHOOSE | PREDICT},
             {"answer", CHOOSE | PREDICT},
             {"within", PREDICT},
             {"wrong", PREDICT},
             {"until", DO},
             {"solution", DO},
             {"-", CHOOSE}};

static void read_field(QuestionReader *r, const struct QuestionField *field, char *text, int line) {
    Question *q = r->q;
    const char *name = field->name;
    r->has_directive = true;
    if (!(field->kinds & 1 << q->kind)) {
        if (*name == '-')
            problems_add(r->problems, line, "options belong to choose alone");
        else
            problems_add(r->problems, line, "%s: does not belong to this kind of question", name);
    } else if (!*text) {
        problems_add(r->problems, line, "nothing stands after %s", name);
    } else if (strcmp(name, "-") == 0) {
        read_option(r, text, line);
    } else if (strcmp(name, "hint") == 0) {
        read_hint(r, text, line);
    } else if (strcmp(name, "because") == 0) {
        if (q->because.text) problems_add(r->problems, line, "%s: stands here a second time", name);
        if (!q->because.text) read_prose(r->problems, &q->because, 1, text, line);
    } else if (strcmp(name, "answer") == 0) {
        read_once(r, &q->answer, name, text, line);
    } else if (strcmp(name, "within") == 0) {
        read_once(r, &q->within, name, text, line);
    } else if (strcmp(name, "wrong") == 0) {
        read_wrong(r, text, line);
    } else {
        CommandLines *lines = *name == 'a' ? &q->after : *name == 'u' ? &q->until : &q->solution;
        commands_read(lines, text, line);
    }
}

// The field whose name begins the line, and its text; NULL for a line of the question itself.
static const struct QuestionField *find_field(const char *line, size_t *skipped) {
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
        size_t n = strlen(PARTS[i].name);
        if (strncmp(line, PARTS[i].name, n) != 0) continue;
        bool is_option = *line == '-';
        if (line[n] != (is_option ? ' ' : ':')) continue;
        *skipped = n + 1 + strspn(line + n + 1, " ");
        return &PARTS[i];
    }
    return NULL;
}

// ---- the whole ----------------------------------------------------------------------------------

static void check_choose(const Question *q, int n_marked, Problems *problems) {
    if (q->n_options < 2) problems_add(problems, q->line, "a choose needs at least two options");
    if (!q->answer && n_marked != 1)
        problems_add(problems, q->line,
                     "exactly one option has an [x], or answer: says which is right; here %d have one",
                     n_marked);
    if (q->answer && n_marked > 0)
        problems_add(problems, q->line, "answer: says which option is right: none may have an [x]");
}

static void check_question(const Question *q, int n_marked, Problems *problems) {
    Tolerance tolerance;
    Error err;
    if (q->n_text == 0) problems_add(problems, q->line, "the question itself is missing");
    if (q->kind == QUESTION_CHOOSE) check_choose(q, n_marked, problems);
    if (q->kind == QUESTION_PREDICT && !q->answer)
        problems_add(problems, q->line, "a predict needs an answer:");
    if (q->kind == QUESTION_DO && q->until.n == 0) problems_add(problems, q->line, "a do needs an until:");
    if (q->kind == QUESTION_DO && q->solution.n == 0)
        problems_add(problems, q->line, "a do needs a solution:");
    if (q->within && !tolerance_read(q->within, &tolerance, &err))
        problems_add(problems, q->line, "%s", err.text);
    bool is_id = *q->id;
    for (const char *c = q->id; *c; c++) is_id = is_id && (isalnum((unsigned char)*c) || *c == '-');
    if (!is_id)
        problems_add(problems, q->line,
                     "a question has an id after its word, of letters, digits and -: not \"%s\"", q->id);
}

// Cuts the next line out of *rest, joined with the lines after it that begin with spaces.
static char *take_line(char **rest, int *n_lines) {
    char *line = strsep(rest, "\n");
    *n_lines = 1;
    while (line && *line && *line != ' ' && *rest && **rest == ' ') {
        (*rest)[-1] = '\n'; // which was cut off
        strsep(rest, "\n");
        ++*n_lines;
    }
    return line;
}

static void read_lines(QuestionReader *r, char *text, int line_number) {
    size_t skipped, n_own = 0;
    char *own = calloc(strlen(text) + 2, 1), *rest = text;
    int n_lines, first = line_number;
    for (char *line; own && (line = take_line(&rest, &n_lines)); line_number += n_lines) {
        const struct QuestionField *field = find_field(line, &skipped);
        if (field)
            read_field(r, field, line + skipped, line_number);
        else if (!r->has_directive)
            n_own += (size_t)sprintf(own + n_own, "%s\n", line);
        else if (line[strspn(line, " \t")])
            problems_add(r->problems, line_number,
                         "what is this? Parts are hint:, because:, after:, answer:, within:, wrong:, until:, "
                         "solution:");
    }
    if (own) r->q->n_text = read_prose(r->problems, r->q->text, MAX_PARTS, own, first);
    free(own);
}

Question *question_read(const char *word, const char *id, const char *text, int first_line,
                        Problems *problems) {
    Question *q = calloc(1, sizeof *q);
    char *copy = strdup(text);
    if (q) q->id = strdup(id);
    if (!q || !q->id || !copy) {
        question_done(q);
        free(copy);
        return NULL;
    }
    q->kind = strcmp(word, "choose") == 0    ? QUESTION_CHOOSE
              : strcmp(word, "predict") == 0 ? QUESTION_PREDICT
                                             : QUESTION_DO;
    q->line = first_line > 1 ? first_line - 1 : 1; // the fence's
    QuestionReader r = {.q = q, .problems = problems};
    read_lines(&r, copy, first_line);
    check_question(q, r.n_marked, problems);
    free(copy);
    return q;
}

void question_done(Question *q) {
    if (!q) return;
    for (int i = 0; i < q->n_text; i++) prose_done(&q->text[i]);
    for (int i = 0; i < q->n_hints; i++) prose_done(&q->hints[i]);
    for (int i = 0; i < q->n_options; i++) prose_done(&q->options[i].text), prose_done(&q->options[i].reason);
    for (int i = 0; i < q->n_wrong; i++) prose_done(&q->wrong[i].reason), free(q->wrong[i].expression);
    prose_done(&q->because);
    commands_done(&q->after);
    commands_done(&q->solution);
    commands_done(&q->until);
    free(q->answer);
    free(q->within);
    free(q->answer_text);
    free(q->answer_value);
    free(q->wrong_values);
    free(q->id);
    free(q);
}
