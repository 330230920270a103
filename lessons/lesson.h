// A lesson: a Markdown file, in the format of docs/lessons.md, read into pages of prose, commands and
// questions.
//
// Reading runs nothing. The texts keep their {{expressions}}; running the lesson (tui/lesson) fills them in
// (`filled`) and finds the answers.
#ifndef KVSTEP_LESSON_H
#define KVSTEP_LESSON_H

#include "core/base/error.h"
#include "lessons/problems.h"
#include "lessons/value.h"

// Bytes in a prose text that stand for Markdown's **, * and `, for the end of any of them, and for the border
// between the cells of a row.
enum { MARK_STRONG = 1, MARK_EMPHASIS = 2, MARK_CODE = 3, MARK_END = 4, MARK_CELL = 5 };

typedef struct Prose {
    char *text;   // UTF-8 with marks
    char *filled; // the same with values in the place of expressions; NULL until the lesson has run
    int line;     // of the file, from 1
} Prose;

typedef enum ItemKind {
    ITEM_PARAGRAPH,
    ITEM_HEADING, // below the page's own
    ITEM_LIST,    // one entry of a list
    ITEM_QUOTE,
    ITEM_ROW,  // of a table; the first is its head
    ITEM_CODE, // lines without marks
    ITEM_RULE,
    ITEM_COMMANDS,
    ITEM_QUESTION
} ItemKind;

typedef struct CommandLines {
    char **lines;
    int *numbers; // of these lines in the file
    int n;
} CommandLines;

typedef enum QuestionState { QUESTION_OPEN, QUESTION_SOLVED, QUESTION_SKIPPED } QuestionState;

typedef enum QuestionKind { QUESTION_CHOOSE, QUESTION_PREDICT, QUESTION_DO } QuestionKind;

typedef struct Option {
    Prose text, reason; // reason.text NULL: none is given
    bool is_right;
} Option;

typedef struct Wrong {
    char *expression;
    Prose reason;
} Wrong;

enum { MAX_OPTIONS = 9, MAX_PARTS = 16 };

typedef struct Question {
    QuestionKind kind;
    QuestionState state; // set by lesson_progress_load(); open before
    int n_tries;         // that the learner needed
    char *id;
    int line;
    Prose text[MAX_PARTS]; // its paragraphs
    int n_text;
    Option options[MAX_OPTIONS]; // choose
    int n_options;
    char *answer; // an expression; NULL: an option is marked
    char *within; // the tolerance as written; NULL: the default one
    Wrong wrong[MAX_PARTS];
    int n_wrong;
    Prose hints[MAX_PARTS];
    int n_hints;
    Prose because;                // text NULL: none
    CommandLines after;           // run when it is solved
    CommandLines solution, until; // do
    char *answer_text;            // these three are set when the lesson runs
    Value *answer_value;
    Value *wrong_values; // [n_wrong]
} Question;

typedef struct Item {
    ItemKind kind;
    int line;
    int depth;  // of a list entry, from 0
    int number; // of a list entry; 0: a bullet; -1: another paragraph of the entry before
    Prose prose;
    CommandLines commands;
    Question *question;
} Item;

typedef struct Page {
    char *title;
    int line;
    Item *items;
    int n_items;
} Page;

typedef struct Lesson {
    char *path, *name; // the name is the file's without number and .md
    char *title, *model, *prompt, *source, *needs;
    int minutes;
    bool may_skip;
    Page *pages;
    int n_pages;
} Lesson;

// Reads the file. Adds what is wrong with it to `problems`, and returns false when there was anything. Call
// lesson_done() in either case.
bool lesson_read(Lesson *lesson, const char *path, Problems *problems);

// Likewise, but reads the title block alone.
bool lesson_read_title(Lesson *lesson, const char *path, Problems *problems);
void lesson_done(Lesson *lesson);

// The filled text, or else the text, or else "".
const char *prose_text(const Prose *prose);

// How far an answer to a predict may be off.
Tolerance question_tolerance(const Question *question);

void lesson_count(const Lesson *lesson, int *n_solved, int *n_skipped);
int lesson_n_questions(const Lesson *lesson);
// Question number `index` of the lesson; NULL after the last.
Question *lesson_question(const Lesson *lesson, int index);

#endif
