// Interface: weights.h. The block has the order of the requests.
#include "core/model/weights.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/threads.h"

enum {
    ALIGNMENT = 64, // bytes: each matrix starts on a cache line
    MAX_INDEX_BYTES = 64 << 20,
    MAX_FILES = 1024,
};

struct WeightRequest {
    const Safetensors *file;
    const Tensor *tensor;
    const void **out;
    WeightShape shape;
};

// ---- the files

static bool open_file(Weights *weights, const char *name, Error *err) {
    char *path = NULL;
    if (asprintf(&path, "%s/%s", weights->folder, name) < 0)
        return error_no_memory(err, "a path", (double)strlen(name));
    bool ok = safetensors_open(&weights->files[weights->n_files], path, err);
    weights->n_files += ok;
    free(path);
    return ok;
}

static bool is_open(const Weights *weights, const char *name) {
    for (int i = 0; i < weights->n_files; i++) {
        const char *path = weights->files[i].path, *slash = path ? strrchr(path, '/') : NULL;
        if (slash && strcmp(slash + 1, name) == 0) return true;
    }
    return false;
}

// weight_map says in which file beside the index each tensor is.
static bool open_shards(Weights *weights, const cJSON *index, const char *path, Error *err) {
    const cJSON *map = cJSON_GetObjectItemCaseSensitive(index, "weight_map"), *item;
    if (!cJSON_IsObject(map) || !map->child)
        return error_set(err, "%s: there is no \"weight_map\" that names files; download the index again",
                         path);
    cJSON_ArrayForEach(item, map) {
        const char *name = cJSON_GetStringValue(item);
        if (!name || !*name || strchr(name, '/'))
            return error_set(
                err, "%s: \"weight_map\" must name files in the same folder; download the index again", path);
        if (is_open(weights, name)) continue;
        if (weights->n_files == MAX_FILES)
            return error_set(err, "%s: names more than %d files", path, MAX_FILES);
        if (!file_exists_in(weights->folder, name))
            return error_set(err, "%s: names the file %.80s, which is not in the folder; download it too",
                             path, name);
        if (!open_file(weights, name, err)) return false;
    }
    return true;
}

static const char SINGLE[] = "model.safetensors", INDEX[] = "model.safetensors.index.json";

static bool open_index(Weights *weights, Error *err) {
    char *path = NULL;
    cJSON *index = NULL;
    if (asprintf(&path, "%s/%s", weights->folder, INDEX) < 0)
        return error_no_memory(err, "a path", (double)sizeof INDEX);
    bool ok = json_load(&index, path, MAX_INDEX_BYTES, err) && open_shards(weights, index, path, err);
    cJSON_Delete(index);
    free(path);
    return ok;
}

bool weights_exist(const char *folder) {
    return file_exists_in(folder, SINGLE) || file_exists_in(folder, INDEX);
}

// Opens model.safetensors, or the files that the index names. Without either, the error depends on what else
// is there.
static bool open_files(Weights *weights, Error *err) {
    const char *folder = weights->folder;
    if (file_exists_in(folder, SINGLE)) return open_file(weights, SINGLE, err);
    if (file_exists_in(folder, INDEX)) return open_index(weights, err);
    if (file_exists_in(folder, "pytorch_model.bin"))
        return error_set(
            err,
            "%s: the weights are in pytorch_model.bin, which kvstep does not read; load the model with "
            "Hugging Face "
            "transformers and save it again with save_pretrained(folder, safe_serialization=True)",
            folder);
    return error_set(err, "%s: there is no model.safetensors; give a Hugging Face folder that holds one",
                     folder);
}

bool weights_open(Weights *weights, const char *folder, Error *err) {
    *weights = (Weights){.folder = folder, .prefix = ""};
    weights->files = calloc(MAX_FILES, sizeof *weights->files);
    bool ok = weights->files
                  ? open_files(weights, err)
                  : error_no_memory(err, "the list of files", (double)MAX_FILES * sizeof *weights->files);
    if (!ok) weights_close(weights);
    return ok;
}

void weights_close(Weights *weights) {
    for (int i = 0; i < weights->n_files; i++) safetensors_close(&weights->files[i]);
    free(weights->files);
    free(weights->requests);
    memset(weights, 0, sizeof *weights);
}

static const Tensor *find(const Weights *weights, const char *name, const Safetensors **file) {
    for (int i = 0; i < weights->n_files; i++) {
        const Tensor *tensor = safetensors_find(&weights->files[i], name);
        if (!tensor) continue;
        *file = &weights->files[i];
        return tensor;
    }
    *file = weights->files;
    return NULL;
}

bool weights_has(const Weights *weights, const char *name) {
    const Safetensors *file;
    return find(weights, name, &file) != NULL;
}

// ---- the requests

static void shape_text(char out[96], int n_dims, const int64_t *shape) {
    int used = snprintf(out, 96, "[");
    for (int i = 0; i < n_dims; i++)
        used += snprintf(out + used, (size_t)(96 - used), "%s%lld", i ? ", " : "", (long long)shape[i]);
    snprintf(out + used, (size_t)(96 - used), "]");
}

static bool check_tensor(const Safetensors *file, const Tensor *tensor, const WeightShape *wanted,
                         Error *err) {
    char expected[96], found[96];
    bool transposed = wanted->form == WEIGHT_TRANSPOSED;
    int64_t shape[] = {transposed ? wanted->n_in : wanted->n_out, transposed ? wanted->n_out : wanted->n_in};
    int n_dims = wanted->n_in ? 2 : 1;
    if (tensor->dtype != DTYPE_F32 && tensor->dtype != DTYPE_F16 && tensor->dtype != DTYPE_BF16)
        return error_set(err,
                         "%s: tensor \"%s\" is of type %s; weights must be f32, f16 or bf16: save the model "
                         "again as one of them",
                         file->path, tensor->name, dtype_name(tensor->dtype));
    if (tensor->n_dims == n_dims && memcmp(tensor->shape, shape, (size_t)n_dims * sizeof *shape) == 0)
        return true;
    shape_text(expected, n_dims, shape);
    shape_text(found, tensor->n_dims, tensor->shape);
    return error_set(err,
                     "%s: tensor \"%s\" has the shape %s, but config.json asks for %s; use the config.json "
                     "that belongs to these weights",
                     file->path, tensor->name, found, expected);
}

static bool make_room(Weights *weights, Error *err) {
    if (weights->n_requests < weights->capacity) return true;
    int capacity = weights->capacity ? 2 * weights->capacity : 64;
    WeightRequest *grown = realloc(weights->requests, (size_t)capacity * sizeof *grown);
    if (!grown) return error_no_memory(err, "the list of weights", (double)capacity * sizeof *grown);
    weights->requests = grown;
    weights->capacity = capacity;
    return true;
}

bool weights_request(Weights *weights, const void *out, WeightShape shape, Error *err, const char *format,
                     ...) {
    char name[160];
    int prefix_length = snprintf(name, sizeof name, "%s", weights->prefix);
    va_list args;
    va_start(args, format);
    vsnprintf(name + prefix_length, sizeof name - (size_t)prefix_length, format, args);
    va_end(args);
    const Safetensors *file;
    const Tensor *tensor = find(weights, name, &file);
    if (!tensor)
        return error_set(
            err,
            "%s: there is no tensor \"%s\", which config.json asks for; use the config.json that belongs to "
            "these weights, or download the model again",
            weights->n_files == 1 ? file->path : weights->folder, name);
    if (!check_tensor(file, tensor, &shape, err) || !make_room(weights, err)) return false;
    weights->requests[weights->n_requests++] =
        (WeightRequest){.file = file, .tensor = tensor, .out = (const void **)(uintptr_t)out, .shape = shape};
    return true;
}

// ---- the block

static bool is_matrix(const WeightRequest *request) {
    WeightForm form = request->shape.form;
    return form == WEIGHT_MATRIX || form == WEIGHT_TRANSPOSED || form == WEIGHT_HEADS_OF_QKV;
}

static DType common_dtype(const Weights *weights) {
    DType common = DTYPE_COUNT;
    for (int i = 0; i < weights->n_requests; i++) {
        if (!is_matrix(&weights->requests[i])) continue;
        DType dtype = weights->requests[i].tensor->dtype;
        if (common != DTYPE_COUNT && dtype != common) return DTYPE_F32;
        common = dtype;
    }
    return common;
}

// A block in huge pages, where the system has them: the first access to a page costs microseconds, and
// megabytes of weights are thousands of small pages.
static void *allocate_large(size_t n_bytes) {
    enum { HUGE_PAGE = 2 << 20 };
    size_t page = n_bytes < HUGE_PAGE ? ALIGNMENT : HUGE_PAGE;
    void *block = aligned_alloc(page, (n_bytes + page - 1) / page * page);
#ifdef MADV_HUGEPAGE
    if (block && page == HUGE_PAGE)
        madvise(block, n_bytes, MADV_HUGEPAGE); // a wish: without it the block works as well
#endif
    return block;
}

static size_t start_of(const WeightRequest *request, size_t end_of_last) {
    return request->shape.joined ? end_of_last : (end_of_last + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static DType placed_dtype(const WeightRequest *request, DType matrices) {
    return is_matrix(request) ? matrices : DTYPE_F32;
}

// A transposition of in [n_in, n_out] to out [n_out, n_in]. A chunk is TILE rows of out, copied in squares
// that fit the core's cache.
typedef struct Transposition {
    char *out;
    const char *in;
    int64_t n_in, n_out;
} Transposition;

enum { TILE = 32 };

// Numbers in the file need not be aligned, hence memcpy(): with a constant `size` it compiles to moves.
static inline __attribute__((always_inline)) void transpose_rows(const Transposition *t, int chunk,
                                                                 int64_t size) {
    int64_t n_in = t->n_in, n_out = t->n_out, o0 = (int64_t)chunk * TILE;
    for (int64_t i0 = 0; i0 < n_in; i0 += TILE)
        for (int64_t o = o0; o < n_out && o < o0 + TILE; o++)
            for (int64_t i = i0; i < n_in && i < i0 + TILE; i++)
                memcpy(t->out + (o * n_in + i) * size, t->in + (i * n_out + o) * size, (size_t)size);
}

static void transpose_floats(void *transposition, int chunk) {
    transpose_rows(transposition, chunk, 4);
}

static void transpose_halves(void *transposition, int chunk) {
    transpose_rows(transposition, chunk, 2);
}

// Rows of `width` bytes: q, k, v of head 0, q, k, v of head 1, ... to all q, all k, all v.
static void sort_heads(char *out, const char *in, const WeightShape *shape, size_t width) {
    int n_heads = shape->n_out / (3 * shape->d_head);
    size_t head_bytes = shape->d_head * width;
    for (int part = 0; part < 3; part++)
        for (int head = 0; head < n_heads; head++, out += head_bytes)
            memcpy(out, in + (3 * (size_t)head + part) * head_bytes, head_bytes);
}

static bool place(char *out, const WeightRequest *request, DType dtype, Error *err) {
    const Tensor *tensor = request->tensor;
    const WeightShape *shape = &request->shape;
    size_t size = dtype_size(dtype), n_bytes = (size_t)tensor->n_items * size;
    if (!tensor_is_finite(tensor))
        return error_set(err,
                         "%s: tensor \"%s\" contains an infinity or NaN; the weights are damaged: "
                         "download or train them again",
                         request->file->path, tensor->name);
    bool in_order =
        shape->form == WEIGHT_VECTOR || shape->form == WEIGHT_FLOATS || shape->form == WEIGHT_MATRIX;
    const char *in = (const char *)tensor->bytes;
    float *widened = NULL;
    if (tensor->dtype != dtype) {
        if (!in_order && !(widened = malloc(n_bytes)))
            return error_no_memory(err, "a weight", (double)n_bytes);
        tensor_to_float(widened ? widened : (float *)(void *)out, tensor->bytes, tensor->dtype,
                        tensor->n_items);
        in = (const char *)widened;
    }
    if (shape->form == WEIGHT_TRANSPOSED)
        threads_run(size == 4 ? transpose_floats : transpose_halves,
                    &(Transposition){out, in, shape->n_in, shape->n_out}, (shape->n_out + TILE - 1) / TILE);
    else if (!in_order)
        sort_heads(out, in, shape, size * (shape->n_in ? shape->n_in : 1));
    else if (in)
        memcpy(out, in, n_bytes);
    free(widened);
    return true;
}

// Gives the file's pages back: they are not needed again.
static void give_back(const Tensor *tensor) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE),
              start = ((uintptr_t)tensor->bytes + page - 1) / page * page;
    uintptr_t end =
        ((uintptr_t)tensor->bytes + (size_t)tensor->n_items * dtype_size(tensor->dtype)) / page * page;
    if (end > start) madvise((void *)start, end - start, MADV_DONTNEED);
}

bool weights_place(Weights *weights, void **block, DType *dtype, Control *control, Error *err) {
    size_t end = 0;
    *dtype = common_dtype(weights);
    for (int i = 0; i < weights->n_requests; i++) {
        const WeightRequest *request = &weights->requests[i];
        end = start_of(request, end) +
              (size_t)request->tensor->n_items * dtype_size(placed_dtype(request, *dtype));
    }
    char *bytes = *block = allocate_large(end);
    if (!bytes) return error_no_memory(err, "the weights", (double)end);
    control_begin(control, (long long)end);
    end = 0;
    for (int i = 0; i < weights->n_requests; i++) {
        if (control_is_cancelled(control)) return error_set(err, "cancelled");
        const WeightRequest *request = &weights->requests[i];
        DType placed = placed_dtype(request, *dtype);
        size_t start = start_of(request, end);
        if (!place(bytes + start, request, placed, err)) return false;
        if (request->out) *request->out = bytes + start;
        give_back(request->tensor);
        size_t n_bytes = (size_t)request->tensor->n_items * dtype_size(placed);
        end = start + n_bytes;
        control_advance(control, (long long)n_bytes);
    }
    return true;
}
