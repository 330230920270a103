// No claim of the header is used before it is checked; afterwards a Tensor's bytes can be read without
// further checks.
//
// The steps: map the file, find the header, read each entry by itself, then check all of them together:
// sorted by offset, each range must start where the one before it ends; sorted by name, no two may be equal.
//
// Interface: safetensors.h.
#include "core/model/safetensors.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

// The format is little-endian, as is every machine that kvstep is built for.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "weights are used in the byte order of the file");

enum {
    LENGTH_BYTES = 8,
    HEADER_MAX_BYTES = 100000000, // the format's own limit
};

static const char *const FORMAT_NAMES[DTYPE_COUNT] = {
    [DTYPE_F32] = "F32",   [DTYPE_F16] = "F16",         [DTYPE_BF16] = "BF16",       [DTYPE_I64] = "I64",
    [DTYPE_F64] = "F64",   [DTYPE_I32] = "I32",         [DTYPE_I16] = "I16",         [DTYPE_I8] = "I8",
    [DTYPE_U64] = "U64",   [DTYPE_U32] = "U32",         [DTYPE_U16] = "U16",         [DTYPE_U8] = "U8",
    [DTYPE_BOOL] = "BOOL", [DTYPE_F8_E4M3] = "F8_E4M3", [DTYPE_F8_E5M2] = "F8_E5M2",
};

// The error for a damaged file: which tensor is wrong, and how.
__attribute__((format(printf, 4, 5))) static bool damaged(const Safetensors *file, const Tensor *tensor,
                                                          Error *err, const char *format, ...) {
    char problem[200];
    va_list args;
    va_start(args, format);
    vsnprintf(problem, sizeof problem, format, args);
    va_end(args);
    return error_set(err, "%s: tensor \"%.120s\" %s; the file is damaged: download it again", file->path,
                     tensor->name, problem);
}

// A JSON number as an integer in [0, 2^53], where a double still holds every integer.
static bool whole_number(const cJSON *item, int64_t *out) {
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= 0x1p53)) return false;
    *out = (int64_t)item->valuedouble;
    return item->valuedouble == floor(item->valuedouble);
}

static bool read_dtype(const Safetensors *file, Tensor *tensor, const cJSON *entry, Error *err) {
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "dtype"));
    if (!name) return damaged(file, tensor, err, "has no \"dtype\"");
    for (int dtype = 0; dtype < DTYPE_COUNT; dtype++) {
        tensor->dtype = (DType)dtype;
        if (strcmp(FORMAT_NAMES[dtype], name) == 0) return true;
    }
    return error_set(
        err,
        "%s: tensor \"%.120s\" has the dtype %.40s, which kvstep does not support; save the weights "
        "as F32, F16 or BF16",
        file->path, tensor->name, name);
}

static bool read_shape(const Safetensors *file, Tensor *tensor, const cJSON *entry, Error *err) {
    const cJSON *dim, *shape = cJSON_GetObjectItemCaseSensitive(entry, "shape");
    if (!cJSON_IsArray(shape)) return damaged(file, tensor, err, "has no \"shape\"");
    tensor->n_items = 1;
    cJSON_ArrayForEach(dim, shape) {
        int64_t *size = &tensor->shape[tensor->n_dims];
        if (tensor->n_dims == TENSOR_MAX_DIMS)
            return error_set(
                err, "%s: tensor \"%.120s\" has more than %d dimensions, which kvstep does not support",
                file->path, tensor->name, TENSOR_MAX_DIMS);
        if (!whole_number(dim, size) || __builtin_mul_overflow(tensor->n_items, *size, &tensor->n_items))
            return damaged(file, tensor, err, "has a shape that is not a list of sizes");
        tensor->n_dims++;
    }
    return true;
}

// Checks the byte range against the shape and the file, and points the tensor at it.
static bool read_range(const Safetensors *file, Tensor *tensor, const cJSON *entry, Text data, Error *err) {
    const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(entry, "data_offsets");
    int64_t begin, end, n_bytes;
    if (!cJSON_IsArray(offsets) || cJSON_GetArraySize(offsets) != 2 ||
        !whole_number(offsets->child, &begin) || !whole_number(offsets->child->next, &end))
        return damaged(file, tensor, err, "has no \"data_offsets\" of two numbers");
    if (begin > end || end > (int64_t)data.n_bytes)
        return damaged(file, tensor, err, "lies at bytes %lld to %lld, but the data has %zu bytes",
                       (long long)begin, (long long)end, data.n_bytes);
    if (__builtin_mul_overflow(tensor->n_items, (int64_t)dtype_size(tensor->dtype), &n_bytes) ||
        n_bytes != end - begin)
        return damaged(file, tensor, err,
                       "has a shape of %lld numbers of type %s, which do not fill its %lld bytes",
                       (long long)tensor->n_items, FORMAT_NAMES[tensor->dtype], (long long)(end - begin));
    tensor->bytes = (const unsigned char *)data.bytes + begin;
    return true;
}

static bool read_tensor(const Safetensors *file, Tensor *tensor, const cJSON *entry, Text data, Error *err) {
    if (!(tensor->name = strdup(entry->string)))
        return error_no_memory(err, "a tensor's name", (double)strlen(entry->string));
    return read_dtype(file, tensor, entry, err) && read_shape(file, tensor, entry, err) &&
           read_range(file, tensor, entry, data, err);
}

static bool read_tensors(Safetensors *file, const cJSON *header, Text data, Error *err) {
    if (!cJSON_IsObject(header))
        return error_set(err, "%s: the header is not a JSON object; the file is damaged: download it again",
                         file->path);
    size_t capacity = (size_t)cJSON_GetArraySize(header) + 1;
    file->tensors = calloc(capacity, sizeof *file->tensors);
    if (!file->tensors)
        return error_no_memory(err, "the list of tensors", (double)capacity * sizeof *file->tensors);
    const cJSON *entry;
    cJSON_ArrayForEach(entry, header) {
        if (strcmp(entry->string, "__metadata__") == 0) continue;
        if (!read_tensor(file, &file->tensors[file->n_tensors++], entry, data, err)) return false;
    }
    return true;
}

static int by_bytes(const void *a, const void *b) {
    const Tensor *left = a, *right = b;
    if (left->bytes != right->bytes) return left->bytes < right->bytes ? -1 : 1;
    return (left->n_items > right->n_items) - (left->n_items < right->n_items); // an empty one goes first
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const Tensor *)a)->name, ((const Tensor *)b)->name);
}

static bool check_ranges(Safetensors *file, Text data, Error *err) {
    const unsigned char *expected = (const unsigned char *)data.bytes;
    qsort(file->tensors, (size_t)file->n_tensors, sizeof *file->tensors, by_bytes);
    for (int i = 0; i < file->n_tensors; i++) {
        const Tensor *tensor = &file->tensors[i];
        if (tensor->bytes < expected) return damaged(file, tensor, err, "lies over the bytes of another one");
        if (tensor->bytes > expected)
            return damaged(file, tensor, err, "lies %td bytes past the end of the one before it",
                           tensor->bytes - expected);
        expected += (size_t)tensor->n_items * dtype_size(tensor->dtype);
    }
    ptrdiff_t rest = (const unsigned char *)data.bytes + data.n_bytes - expected;
    return rest == 0 ||
           error_set(err,
                     "%s: the last %td bytes belong to no tensor; the file is damaged: download it again",
                     file->path, rest);
}

static bool check_names(Safetensors *file, Error *err) {
    qsort(file->tensors, (size_t)file->n_tensors, sizeof *file->tensors, by_name);
    for (int i = 1; i < file->n_tensors; i++)
        if (by_name(&file->tensors[i - 1], &file->tensors[i]) == 0)
            return damaged(file, &file->tensors[i], err, "appears twice in the header");
    return true;
}

// Finds the header and the data behind it within the mapped file.
static bool split_file(const Safetensors *file, Text *header, Text *data, Error *err) {
    const char *bytes = (const char *)file->mapping.bytes;
    size_t n_bytes = file->mapping.n_bytes;
    uint64_t length;
    if (n_bytes < LENGTH_BYTES)
        return error_set(err, "%s has %zu bytes, too few for a safetensors file; download it again",
                         file->path, n_bytes);
    memcpy(&length, bytes, LENGTH_BYTES);
    if (length > HEADER_MAX_BYTES)
        return error_set(
            err,
            "%s: is not a safetensors file: its first 8 bytes give a header of %llu bytes, more than the "
            "format's limit of %d; download it again, or convert the model to safetensors",
            file->path, (unsigned long long)length, HEADER_MAX_BYTES);
    if (length > n_bytes - LENGTH_BYTES)
        return error_set(
            err, "%s: the header should have %llu bytes, but the file ends after %zu; download it again",
            file->path, (unsigned long long)length, n_bytes - LENGTH_BYTES);
    *header = (Text){bytes + LENGTH_BYTES, (size_t)length};
    *data = (Text){bytes + LENGTH_BYTES + length, n_bytes - LENGTH_BYTES - (size_t)length};
    return true;
}

bool safetensors_open(Safetensors *file, const char *path, Error *err) {
    Text header = {NULL, 0}, data = {NULL, 0};
    cJSON *json = NULL;
    memset(file, 0, sizeof *file);
    bool ok = (file->path = strdup(path)) || error_no_memory(err, "a path", (double)strlen(path));
    ok = ok && mapping_open(&file->mapping, path, err) && split_file(file, &header, &data, err) &&
         json_parse(&json, header.bytes, header.n_bytes, path, err) && read_tensors(file, json, data, err) &&
         check_ranges(file, data, err) && check_names(file, err);
    cJSON_Delete(json);
    if (!ok) safetensors_close(file);
    return ok;
}

void safetensors_close(Safetensors *file) {
    for (int i = 0; i < file->n_tensors; i++) free(file->tensors[i].name);
    free(file->tensors);
    free(file->path);
    mapping_close(&file->mapping);
    memset(file, 0, sizeof *file);
}

const Tensor *safetensors_find(const Safetensors *file, const char *name) {
    Tensor key = {.name = (char *)name};
    if (file->n_tensors == 0) return NULL;
    return bsearch(&key, file->tensors, (size_t)file->n_tensors, sizeof key, by_name);
}
