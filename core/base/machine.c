#include "core/base/machine.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

// The value of a line "model name : VALUE".
static const char *model_name(const char *line) {
    static const char NAME[] = "model name";
    const char *colon = strchr(line, ':');
    if (strncmp(line, NAME, sizeof NAME - 1) != 0 || !colon) return NULL;
    return colon + 1 + strspn(colon + 1, " \t");
}

void machine_processor(char *name, size_t size) {
    char line[256];
    struct utsname system;
    FILE *file = fopen("/proc/cpuinfo", "r");
    snprintf(name, size, "%s", uname(&system) == 0 ? system.machine : "");
    while (file && fgets(line, sizeof line, file)) {
        const char *value = model_name(line);
        if (!value) continue;
        snprintf(name, size, "%.*s", (int)strcspn(value, "\n"), value);
        break;
    }
    if (file) fclose(file);
}
