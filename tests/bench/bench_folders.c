// Model folders of real sizes with random weights, for the bench.
//
// The names and shapes are listed twice by the same function: once to write the header with its offsets, once
// to write the numbers, which are small and uniform; norms' gains are near 1, as trained ones are, so
// nothing overflows.
#include "tests/bench/bench.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER = 1 << 16 }; // numbers

typedef struct Writer {
    FILE *file;
    DType dtype;
    bool header;      // the header is written, not the numbers
    long long offset; // bytes of the tensors so far
    uint32_t random;
} Writer;

static void write_numbers(Writer *w, int64_t n, float centre) {
    static unsigned char buffer[BUFFER * sizeof(float)];
    size_t size = dtype_size(w->dtype);
    for (int64_t done = 0; done < n;) {
        int64_t part = n - done < BUFFER ? n - done : BUFFER;
        for (int64_t i = 0; i < part; i++) {
            w->random = w->random * 1664525 + 1013904223;
            float number = centre + ((float)(w->random >> 8) * 0x1p-23f - 1) * 0.05f;
            uint32_t bits;
            memcpy(&bits, &number, sizeof bits);
            uint16_t half = (uint16_t)(bits >> 16); // BF16
            memcpy(buffer + i * size, w->dtype == DTYPE_F32 ? (const void *)&bits : &half, size);
        }
        fwrite(buffer, size, (size_t)part, w->file);
        done += part;
    }
}

// One tensor [n_rows, n_columns], or [n_rows] when n_columns is 0.
__attribute__((format(printf, 4, 5))) static void tensor(Writer *w, int n_rows, int n_columns,
                                                         const char *format, ...) {
    char name[128], shape[32];
    va_list args;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    long long n = (long long)n_rows * (n_columns ? n_columns : 1),
              n_bytes = n * (long long)dtype_size(w->dtype);
    snprintf(shape, sizeof shape, n_columns ? "%d,%d" : "%d", n_rows, n_columns);
    if (w->header)
        fprintf(w->file, "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%lld,%lld]}",
                w->offset ? "," : "", name, w->dtype == DTYPE_F32 ? "F32" : "BF16", shape, w->offset,
                w->offset + n_bytes);
    else
        write_numbers(w, n, strstr(name, "norm") || (strstr(name, "ln_") && strstr(name, "weight")) ? 1 : 0);
    w->offset += n_bytes;
}

static void gpt2_tensors(Writer *w, const BenchShape *s) {
    static const struct {
        const char *name;
        int in, out; // in widths of d_model, and d_ff for 0
    } LINEARS[] = {{"attn.c_attn", 1, 3}, {"attn.c_proj", 1, 1}, {"mlp.c_fc", 1, 0}, {"mlp.c_proj", 0, 1}};
    int d = s->d_model;
    tensor(w, s->n_vocab, d, "wte.weight");
    tensor(w, s->n_ctx, d, "wpe.weight");
    for (int layer = 0; layer < s->n_layers; layer++) {
        for (int i = 0; i < 4; i++) {
            int n_in = LINEARS[i].in ? LINEARS[i].in * d : s->d_ff,
                n_out = LINEARS[i].out ? LINEARS[i].out * d : s->d_ff;
            tensor(w, n_in, n_out, "h.%d.%s.weight", layer, LINEARS[i].name);
            tensor(w, n_out, 0, "h.%d.%s.bias", layer, LINEARS[i].name);
        }
        for (int i = 1; i <= 2; i++) {
            tensor(w, d, 0, "h.%d.ln_%d.weight", layer, i);
            tensor(w, d, 0, "h.%d.ln_%d.bias", layer, i);
        }
    }
    tensor(w, d, 0, "ln_f.weight");
    tensor(w, d, 0, "ln_f.bias");
}

static void llama_tensors(Writer *w, const BenchShape *s) {
    int d = s->d_model, d_q = s->n_heads * s->d_head, d_kv = s->n_kv_heads * s->d_head;
    tensor(w, s->n_vocab, d, "model.embed_tokens.weight");
    for (int layer = 0; layer < s->n_layers; layer++) {
        const struct {
            const char *name;
            int n_out, n_in;
        } linears[] = {{"self_attn.q_proj", d_q, d},  {"self_attn.k_proj", d_kv, d},
                       {"self_attn.v_proj", d_kv, d}, {"self_attn.o_proj", d, d_q},
                       {"mlp.gate_proj", s->d_ff, d}, {"mlp.up_proj", s->d_ff, d},
                       {"mlp.down_proj", d, s->d_ff}};
        for (int i = 0; i < 7; i++)
            tensor(w, linears[i].n_out, linears[i].n_in, "model.layers.%d.%s.weight", layer, linears[i].name);
        tensor(w, d, 0, "model.layers.%d.input_layernorm.weight", layer);
        tensor(w, d, 0, "model.layers.%d.post_attention_layernorm.weight", layer);
    }
    tensor(w, d, 0, "model.norm.weight");
}

static void write_config(FILE *file, const BenchShape *s) {
    if (s->is_llama)
        fprintf(file,
                "{\"model_type\":\"llama\",\"num_hidden_layers\":%d,\"hidden_size\":%d,\"num_attention_"
                "heads\":%d,"
                "\"num_key_value_heads\":%d,\"head_dim\":%d,\"intermediate_size\":%d,\"vocab_size\":%d,"
                "\"max_position_embeddings\":%d,\"rope_theta\":100000,\"rms_norm_eps\":1e-05,\"hidden_act\":"
                "\"silu\","
                "\"tie_word_embeddings\":true}",
                s->n_layers, s->d_model, s->n_heads, s->n_kv_heads, s->d_head, s->d_ff, s->n_vocab, s->n_ctx);
    else
        fprintf(file,
                "{\"model_type\":\"gpt2\",\"n_layer\":%d,\"n_embd\":%d,\"n_head\":%d,\"n_inner\":%d,\"vocab_"
                "size\":%d,"
                "\"n_positions\":%d}",
                s->n_layers, s->d_model, s->n_heads, s->d_ff, s->n_vocab, s->n_ctx);
}

static void list_tensors(Writer *w, const BenchShape *shape) {
    w->offset = 0;
    if (shape->is_llama)
        llama_tensors(w, shape);
    else
        gpt2_tensors(w, shape);
}

// The header's length stands before it, and is known after it.
static void write_weights(FILE *file, const BenchShape *shape, DType dtype) {
    Writer w = {.file = file, .dtype = dtype, .header = true, .random = 1};
    uint64_t n_header = 0;
    fwrite(&n_header, sizeof n_header, 1, file);
    fputc('{', file);
    list_tensors(&w, shape);
    fputc('}', file);
    while (ftell(file) % 64 > 0) fputc(' ', file);
    n_header = (uint64_t)ftell(file) - sizeof n_header;
    w.header = false;
    list_tensors(&w, shape);
    rewind(file);
    fwrite(&n_header, sizeof n_header, 1, file);
}

static FILE *open_in(const char *folder, const char *name, Error *err) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file) error_set(err, "%s cannot be written: %s", path, strerror(errno));
    return file;
}

static bool close_written(FILE *file, const char *folder, Error *err) {
    bool ok = !ferror(file);
    ok = fclose(file) == 0 && ok;
    return ok ||
           error_set(err, "%s cannot be written: is there room for a model of half a gigabyte?", folder);
}

bool bench_folder_write(const char *folder, const BenchShape *shape, DType dtype, Error *err) {
    FILE *config = open_in(folder, "config.json", err);
    if (!config) return false;
    write_config(config, shape);
    if (!close_written(config, folder, err)) return false;
    FILE *weights = open_in(folder, "model.safetensors", err);
    if (!weights) return false;
    write_weights(weights, shape, dtype);
    return close_written(weights, folder, err);
}

void bench_folder_remove(const char *folder) {
    static const char *const NAMES[] = {"config.json", "model.safetensors"};
    char path[4096];
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, NAMES[i]);
        unlink(path);
    }
    rmdir(folder);
}
