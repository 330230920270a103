// The stages of a pass, in order: the embedding, each layer's sites, the final norm, the logits.
//
// The view selects a site: where every layer has it, the stage is the one in the App's layer.
#ifndef KVSTEP_TUI_STAGES_H
#define KVSTEP_TUI_STAGES_H

#include "tui/app/app.h"

typedef struct Stages {
    SiteId site;
} Stages;

typedef struct Stage {
    SiteId site;
    int layer; // 0 for sites that are there once
} Stage;

int stages_count(const Timeline *run);
Stage stages_at(const Timeline *run, int index); // 0 ... stages_count() - 1
// Where a site that the model has stands; the layer counts only for a site that every layer has.
int stages_find(const Timeline *run, SiteId site, int layer);

#endif
