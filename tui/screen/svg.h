// Writes a Canvas as an SVG picture, for a page or a slide: the same cells in a theme's colours, with
// selectable text.
#ifndef KVSTEP_SVG_H
#define KVSTEP_SVG_H

#include "core/base/output.h"
#include "tui/screen/theme.h"

void svg_write(Output *output, const Canvas *canvas, ThemeId theme);

#endif
