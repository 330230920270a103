#include "lessons/json_pointer.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// Whether the reference token, up to the next "/" or the end, is this name: ~1 stands for / and ~0 for ~.
static bool is_name(const char *token, const char *name) {
    for (; *token && *token != '/'; token++, name++) {
        char c = *token;
        if (c == '~' && (token[1] == '0' || token[1] == '1')) c = *++token == '0' ? '~' : '/';
        if (c != *name) return false;
    }
    return !*name;
}

static const cJSON *member(const cJSON *object, const char *token) {
    const cJSON *item;
    cJSON_ArrayForEach(item, object) if (item->string && is_name(token, item->string)) return item;
    return NULL;
}

// "0", or digits without a leading zero.
static const cJSON *element(const cJSON *array, const char *token) {
    char *end;
    if (!isdigit((unsigned char)*token) || (*token == '0' && isdigit((unsigned char)token[1]))) return NULL;
    long index = strtol(token, &end, 10);
    return (*end && *end != '/') || index > 1 << 30 ? NULL : cJSON_GetArrayItem(array, (int)index);
}

const cJSON *json_pointer(const cJSON *document, const char *pointer) {
    while (document && *pointer == '/') {
        pointer++;
        document = cJSON_IsArray(document)    ? element(document, pointer)
                   : cJSON_IsObject(document) ? member(document, pointer)
                                              : NULL;
        pointer += strcspn(pointer, "/");
    }
    return *pointer ? NULL : document;
}
