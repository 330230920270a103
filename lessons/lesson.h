// A lesson: a Markdown file as docs/lessons.md describes it, read into pages of prose, commands and
// questions.
//
// Reading does not run anything. Where the decoder's numbers stand in a text, the text has its
// {{expressions}} until somebody who runs the lesson fills them in (`filled`).
#ifndef KVSTEP_LESSON_H
#define KVSTEP_LESSON_H

#include "core/base/error.h"
#include "lessons/problems.h"
#include "lessons/value.h"

// Marks in a prose text, where Markdown has **, * and `.
enum {
    MARK_STRONG = 1,
    MARK_EMPHASIS = 2,
    MARK_CODE = 3,
    MARK_END = 4,
    MARK_CELL = 5
}; // CELL: between those of a row

typedef struct Prose {
    char *text;   // one block, UTF-8 with marks
    char *filled; // with numbers in the place of expressions; NULL until then
    int line;     // of the file, from 1
} Prose;

typedef enum ItemKind {
    ITEM_PARAGRAPH,
    ITEM_HEADING, // below the page's own
    ITEM_LIST,    // one entry of a list
    ITEM_QUOTE,
    ITEM_ROW,  // of a table; its first is the head
    ITEM_CODE, // lines as they are, no marks
    ITEM_RULE,
    ITEM_COMMANDS,
    ITEM_QUESTION
} ItemKind;

typedef struct CommandLines {
    char **lines;
    int *numbers; // of the file
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
    QuestionState state; // the learner's; open until lesson_progress_load()
    int n_tries;         // that it took
    char *id;
    int line;
    Prose text[MAX_PARTS]; // its paragraphs
    int n_text;
    Option options[MAX_OPTIONS]; // choose
    int n_options;
    char *answer; // an expression; NULL: an option is marked
    char *within; // NULL: the usual tolerance
    Wrong wrong[MAX_PARTS];
    int n_wrong;
    Prose hints[MAX_PARTS];
    int n_hints;
    Prose because;                // text NULL: none
    CommandLines after;           // run when it is solved
    CommandLines solution, until; // do
    char *answer_text;            // what the answer is, once the lesson has been run
    Value *answer_value;
    Value *wrong_values; // [n_wrong]
} Question;

typedef struct Item {
    ItemKind kind;
    int line;
    int depth;  // of a list, from 0
    int number; // of its entry; 0: a bullet; -1: goes on with the entry before
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
    char *path, *name; // name: of the file, without its number and .md
    char *title, *model, *prompt, *source, *needs;
    int minutes;
    bool may_skip;
    Page *pages;
    int n_pages;
} Lesson;

// Reads the file. What is wrong with it is in the problems, each with its line; false when there is anything.
bool lesson_read(Lesson *lesson, const char *path, Problems *problems);
// The title block alone: for lists.
bool lesson_read_title(Lesson *lesson, const char *path, Problems *problems);
void lesson_done(Lesson *lesson);

// The text as it is shown: filled in, where it has been; "" when there is none.
const char *prose_text(const Prose *prose);
// What a predict allows.
Tolerance question_tolerance(const Question *question);

void lesson_count(const Lesson *lesson, int *n_solved, int *n_skipped);
int lesson_n_questions(const Lesson *lesson);
// Question number `index` of the lesson; NULL after the last.
Question *lesson_question(const Lesson *lesson, int index);

#endif
