// Tokens as labels, for tables and matrices.
#ifndef KVSTEP_TOKEN_LABEL_H
#define KVSTEP_TOKEN_LABEL_H

#include "tui/screen/canvas.h"

// A token as a label: its text without the leading space; ␣ if it is only a space, #id if there is no text,
// \xE4 for bytes of an incomplete character.
typedef struct Label {
    char text[64]; // printable UTF-8
} Label;
Label token_label(const Canvas *canvas, Text text, int id);

#endif
