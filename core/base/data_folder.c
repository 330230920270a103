// What came with kvstep, such as models, is looked up in
//
//     $KVSTEP_MODELS                when it is set
//     BIN/../share/kvstep/models    beside the program, as `make install` lays it out, wherever it was moved
//     BIN/../models                 beside build/ in the source tree
//     DATADIR/models                where `make install` was told to put it
//
// Interface: data_folder.h.
#include "core/base/data_folder.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void program_folder(char *folder, size_t size) {
    ssize_t n = readlink("/proc/self/exe", folder, size - 1);
    folder[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash) *slash = '\0';
}

bool data_place(int place, const char *what, char *path, size_t size) {
    char program[PATH_MAX], variable[32] = "KVSTEP_";
    for (size_t i = 0, n = strlen(variable); what[i] && n + i + 1 < sizeof variable; i++)
        variable[n + i] = (char)toupper((unsigned char)what[i]);
    const char *chosen = getenv(variable);
    int length = 0;
    program_folder(program, sizeof program);
    if (place == 0) length = snprintf(path, size, "%s", chosen ? chosen : "");
    if (place == 1) length = snprintf(path, size, "%s/../share/kvstep/%s", program, what);
    if (place == 2) length = snprintf(path, size, "%s/../%s", program, what);
    if (place == 3) length = snprintf(path, size, "%s/%s", KVSTEP_DATADIR, what);
    return length > 0 && length < (int)size;
}
