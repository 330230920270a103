#include "core/math/mask.h"

static MaskRow visible_to(const Mask *mask, int group, int row) {
    MaskRow visible = {mask->n_keys, 0, false};
    int n = 0;
    for (int key = 0; key < mask->n_keys; key++) {
        if (!mask_sees(mask, group, row, key)) continue;
        if (n++ == 0) visible.first = key;
        visible.end = key + 1;
    }
    if (n == 0) return (MaskRow){0, 0, false};
    visible.holes = visible.end - visible.first > n;
    return visible;
}

void mask_fill(Mask *mask) {
    for (int group = 0; group < mask->n_groups; group++)
        for (int row = 0; row < mask->n_rows; row++)
            mask->visible[(long)group * mask->n_rows + row] = visible_to(mask, group, row);
}
