// The parts of `make bench`.
#ifndef KVSTEP_TESTS_BENCH_H
#define KVSTEP_TESTS_BENCH_H

#include "core/base/error.h"
#include "core/math/tensor.h"

double bench_now(void); // seconds
double bench_median(double *numbers, int n);
_Noreturn void bench_stop(const Error *err);

// The sizes of a model that people run, for random weights.
typedef struct BenchShape {
    const char *name;
    bool is_llama; // otherwise GPT-2
    int n_layers, d_model, n_heads, n_kv_heads, d_head, d_ff, n_vocab, n_ctx;
} BenchShape;

// Writes a model's folder, config.json and model.safetensors without a tokenizer; removes it.
bool bench_folder_write(const char *folder, const BenchShape *shape, DType dtype, Error *err);
void bench_folder_remove(const char *folder);

// The stepper in a pseudo-terminal: how soon it answers, and with how many bytes.
void bench_screen(void);

// Load, prefill and decode of models of real sizes, on one thread and on all.
void bench_sizes(void);

#endif
