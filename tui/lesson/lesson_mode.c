#include "tui/lesson/lesson_mode.h"

#include "tui/lesson/lesson_pane.h"
#include "tui/lesson/lesson_play.h"

static const Key KEYS[] = {
    {"Enter", "continue"},
    {">", "continue"},
    {"<", "page -1"},
    {"PageUp", "page -1"},
    {"PageDown", "page +1"},
    {"i", "hint"},
    {"S", "skip"},
    {",", "read -5"},
    {".", "read +5"},
    {"o", "pane"},
    {0},
};

const LessonMode LESSON_MODE = {
    .name = LESSON_KEYS,
    .keys = KEYS,
    .command = lesson_command,
    .takes = lesson_takes,
    .note = lesson_note,
    .look = lesson_look,
    .draw = lesson_draw,
    .view_size = lesson_view_size,
    .draw_way_back = lesson_draw_way_back,
    .free = lesson_play_done,
};
