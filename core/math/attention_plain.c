// Attention in plain loops: what attention.c and softmax.c do, without their speed.
#include <math.h>

#include "core/math/attention.h"

static const float *vector_at(const Attention *a, KvSpans kv, int kv_head, int key) {
    const KvSpan *span = kv.spans + (long)kv_head * kv.n;
    for (; key >= span->n; span++) key -= span->n;
    return (const float *)span->data + (long)key * a->d_head;
}

static float dot(const float *a, const float *b, int n) {
    float sum = 0;
    for (int i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static bool is_hidden(const Attention *a, int kv_head, int row, int key) {
    return a->mask && !mask_sees(a->mask, a->mask->n_groups > 1 ? kv_head : 0, row, key);
}

static void attend(const Attention *a, int head, int row) {
    int kv_head = head / (a->n_heads / a->n_kv_heads), d_head = a->d_head;
    const float *q = a->q + (long)row * a->q_stride + (long)head * d_head;
    float *weights = a->scores + ((long)head * a->n_rows + row) * a->n_keys, max = -INFINITY, sum = 0;
    float *out = a->out + ((long)row * a->n_heads + head) * d_head;
    for (int key = 0; key < a->n_keys; key++) {
        weights[key] = dot(q, vector_at(a, a->keys, kv_head, key), d_head) * a->scale;
        if (is_hidden(a, kv_head, row, key)) weights[key] = -INFINITY;
        max = fmaxf(max, weights[key]);
    }
    for (int key = 0; key < a->n_keys; key++) sum += weights[key] = expf(weights[key] - max);
    for (int i = 0; i < d_head; i++) out[i] = 0;
    for (int key = 0; key < a->n_keys; key++) {
        weights[key] /= sum;
        const float *v = vector_at(a, a->values, kv_head, key);
        for (int i = 0; i < d_head; i++) out[i] += weights[key] * v[i];
    }
}

void attention_plain(const Attention *a) {
    for (int head = 0; head < a->n_heads; head++)
        for (int row = 0; row < a->n_rows; row++) attend(a, head, row);
}
