// JSON Pointer (RFC 6901). cJSON_Utils has it too, but Debian's cJSON comes without cJSON_Utils.
#ifndef KVSTEP_JSON_POINTER_H
#define KVSTEP_JSON_POINTER_H

#include <cjson/cJSON.h>

// The value that the pointer names, borrowed from the document; NULL when there is none.
const cJSON *json_pointer(const cJSON *document, const char *pointer);

#endif
