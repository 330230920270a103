// The parts of the compute view.
#ifndef KVSTEP_COMPUTE_INTERNAL_H
#define KVSTEP_COMPUTE_INTERNAL_H

#include "tui/widgets/quantity.h"

typedef struct Compute {
    int quantity; // that is drawn: a Quantity
} Compute;

enum { COSTS_ROWS = 7, FORMS_ROWS = 4 };

// Every quantity in this step and so far, both ways, with what the cache saves; beside it what it saves by
// the formula.
void costs_draw(const App *app, Canvas *canvas, Rect rect, Quantity selected);

// The closed forms with this run's numbers, and why time saves less than FLOPs.
void forms_title(const App *app, char *title, size_t size);
void forms_draw(const App *app, Canvas *canvas, Rect rect);

// A column, or several, for each step: both ways' cost, of all steps up to it (`sums`) or of it alone.
void chart_title(Quantity quantity, bool sums, char *title, size_t size);
void chart_draw(const App *app, Canvas *canvas, Rect rect, Quantity quantity, bool sums);

#endif
