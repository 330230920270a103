// What the commands do; the table in command.c says in a line what each is for.
#ifndef KVSTEP_COMMANDS_H
#define KVSTEP_COMMANDS_H

#include "tui/app/command.h"

#define COMMAND(name) bool run_##name(App *app, const char *argument, Error *err)

// commands_move.c
COMMAND(step);
COMMAND(back);
COMMAND(goto);
COMMAND(token);
COMMAND(first);
COMMAND(last);
COMMAND(play);
COMMAND(speed);
COMMAND(search);
COMMAND(cancel);

// commands_look.c
COMMAND(layer);
COMMAND(head);
COMMAND(cross);
COMMAND(row);
COMMAND(cursor);
COMMAND(heads);
COMMAND(scale);
COMMAND(changes);
COMMAND(stage);
COMMAND(candidate);
COMMAND(quantity);
COMMAND(more);
COMMAND(less);
COMMAND(view);
COMMAND(scroll);
COMMAND(help);
COMMAND(close);
COMMAND(line);
COMMAND(theme);
COMMAND(redraw);
COMMAND(quit);

// commands_session.c
COMMAND(branch);
COMMAND(select);
COMMAND(branches);
COMMAND(switch);
COMMAND(edit);
COMMAND(prompt);
COMMAND(source);
COMMAND(temperature);
COMMAND(top_k);
COMMAND(top_p);
COMMAND(seed);
COMMAND(model);
COMMAND(restart);
COMMAND(mask);

// commands_file.c
COMMAND(save);
COMMAND(save_over);
COMMAND(screen);
COMMAND(screen_over);

// commands_lesson.c
COMMAND(continue);
COMMAND(answer);
COMMAND(hint);
COMMAND(skip);
COMMAND(page);
COMMAND(read);
COMMAND(pane);

#undef COMMAND

enum { N_MASKS = 2 };
extern const char *const MASK_NAMES[N_MASKS];

#endif
