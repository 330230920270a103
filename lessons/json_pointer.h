// JSON Pointer (RFC 6901) into a document of cJSON. Debian's cJSON comes without cJSON_Utils, which has it
// too.
#ifndef KVSTEP_JSON_POINTER_H
#define KVSTEP_JSON_POINTER_H

#include <cjson/cJSON.h>

// The value that the pointer names; NULL when there is none.
const cJSON *json_pointer(const cJSON *document, const char *pointer);

#endif
