// The machine that kvstep runs on: times mean little without it.
#ifndef KVSTEP_MACHINE_H
#define KVSTEP_MACHINE_H

#include <stddef.h>

// The processor's name as the system gives it; where it gives none, the kind of processor, such as "aarch64".
void machine_processor(char *name, size_t size);

#endif
