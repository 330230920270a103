// What the commands do; the table in command.c says in a line what each is for.
#ifndef KVSTEP_COMMANDS_H
#define KVSTEP_COMMANDS_H

#include "command.h"

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
COMMAND(quit);
COMMAND(redraw);

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
COMMAND(factor);
COMMAND(more);
COMMAND(less);
COMMAND(sizes);
COMMAND(view);
COMMAND(tab);
COMMAND(scroll);
COMMAND(help);
COMMAND(close);
COMMAND(line);
COMMAND(select);

// commands_session.c
COMMAND(branch);
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

// commands_file.c
COMMAND(save);
COMMAND(save_over);
COMMAND(screen);
COMMAND(screen_over);
COMMAND(theme);

#undef COMMAND

#endif
