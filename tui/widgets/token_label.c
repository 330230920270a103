#include "tui/widgets/token_label.h"

#include <stdio.h>

Label token_label(const Canvas *canvas, Text text, int id) {
    Label label;
    if (!text.bytes) {
        snprintf(label.text, sizeof label.text, "#%d", id);
        return label;
    }
    while (text.n_bytes > 0 && text.bytes[0] == ' ') text.bytes++, text.n_bytes--;
    if (text.n_bytes > 0 && !text_is_clean(text)) { // part of a character: its bytes
        int n = 0;
        for (size_t i = 0; i < text.n_bytes && i < 4; i++)
            n += snprintf(label.text + n, sizeof label.text - (size_t)n, "\\x%02X",
                          (unsigned char)text.bytes[i]);
        return label;
    }
    if (text.n_bytes == 0) text = text_from(canvas->ascii ? "_" : "␣");
    canvas_neutralise(canvas, label.text, sizeof label.text, text);
    return label;
}
