#include "cli/program.h"

#include "core/base/language.h"
#include "tui/commands/commands.h"
#include "tui/lesson/lesson_mode.h"
#include "tui/views/views.h"

enum { N_TABS = 7 }; // the views after them have none

static const View *const VIEWS[] = {&VIEW_MAIN,   &VIEW_ATTENTION, &VIEW_STAGES,   &VIEW_CACHE, &VIEW_COMPUTE,
                                    &VIEW_MEMORY, &VIEW_TOKENS,    &VIEW_BRANCHES, &VIEW_HELP};

static const Command *const COMMANDS_BEFORE[] = {COMMANDS_MOVE, COMMANDS_LOOK, NULL};
static const Command *const COMMANDS_AFTER[] = {COMMANDS_SESSION, COMMANDS_FILE,    COMMANDS_SCREEN,
                                                COMMANDS_LESSON,  COMMANDS_PROGRAM, NULL};

// Of several keys for a command the first is the one that hints show.
static const Key KEYS[] = {
    {"Right", "step"},       {"n", "step"},          {"Left", "back"},
    {"p", "back"},           {"Space", "play"},      {"Home", "first"},
    {"g", "first"},          {"End", "last"},        {"G", "last"},
    {"Up", "layer -1"},      {"k", "layer -1"},      {"Down", "layer +1"},
    {"j", "layer +1"},       {"[", "head -1"},       {"]", "head +1"},
    {"x", "cross"},          {"s", "scale"},         {"c", "changes"},
    {"Tab", "view +1"},      {"BackTab", "view -1"}, {"1", "view main"},
    {"2", "view attention"}, {"3", "view stages"},   {"4", "view cache"},
    {"5", "view compute"},   {"6", "view memory"},   {"7", "view tokens"},
    {":", "line"},           {"/", "line search"},   {"N", "search"},
    {"+", "speed +"},        {"-", "speed -"},       {"b", "branches"},
    {"e", "edit"},           {"m", "line model"},    {"t", "theme"},
    {"w", "line save"},      {"W", "line screen"},   {"r", "restart"},
    {"Ctrl-L", "redraw"},    {"Escape", "cancel"},   {"?", "help"},
    {"h", "help"},           {"q", "quit"},          {0},
};

static const Hint HINTS[] = {
    {{"view +1"}, N_("view")},      {{"edit"}, N_("text")},    {{"line save"}, N_("save")},
    {{"line screen"}, N_("image")}, {{"theme"}, N_("theme")},  {{"branches"}, N_("branches")},
    {{"changes"}, N_("changes")},   {{"line"}, N_("command")}, {{NULL}, NULL},
};
static const Hint HINTS_LAST[] = {
    {{"help"}, N_("help")},
    {{"quit"}, N_("quit")},
    {{NULL}, NULL},
};

const Program PROGRAM = {
    .views = VIEWS,
    .n_views = sizeof VIEWS / sizeof *VIEWS,
    .n_tabs = N_TABS,
    .commands_before = COMMANDS_BEFORE,
    .commands_after = COMMANDS_AFTER,
    .keys = KEYS,
    .hints = HINTS,
    .hints_last = HINTS_LAST,
    .lesson = &LESSON_MODE,
};
