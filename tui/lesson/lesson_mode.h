// What a lesson brings to the program: its keys, its commands, and what the App does while one is taken.
#ifndef KVSTEP_LESSON_MODE_H
#define KVSTEP_LESSON_MODE_H

#include "tui/app/program.h"

extern const LessonMode LESSON_MODE;
extern const Command COMMANDS_LESSON[];

#endif
