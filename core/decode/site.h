// Sites: the named stages of the forward pass, in the order in which they happen. Each can be observed and
// recorded.
#ifndef KVSTEP_SITE_H
#define KVSTEP_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/decode/pass_shape.h"
#include "core/model/config.h"

typedef enum SiteId {
    SITE_EMBEDDING,
    SITE_LN_1,
    SITE_Q,
    SITE_K,
    SITE_V,
    SITE_Q_NORM, // Qwen 3's, as SITE_K_NORM
    SITE_K_NORM,
    SITE_Q_ROTATED, // RoPE's, as SITE_K_ROTATED; the cache keeps K as it is after this
    SITE_K_ROTATED,
    SITE_SCORES,
    SITE_MASKED_SCORES,
    SITE_ATTENTION,
    SITE_WEIGHTED_VALUES,
    SITE_ATTENTION_OUTPUT,
    SITE_RESIDUAL_ATTENTION,
    SITE_CROSS_NORM, // these with cross-attention
    SITE_CROSS_Q,
    SITE_CROSS_K,
    SITE_CROSS_V,
    SITE_CROSS_SCORES,
    SITE_CROSS_ATTENTION,
    SITE_CROSS_WEIGHTED_VALUES,
    SITE_CROSS_OUTPUT,
    SITE_RESIDUAL_CROSS,
    SITE_LN_2,
    SITE_MLP_GATE, // SwiGLU's
    SITE_MLP_UP,
    SITE_MLP_HIDDEN,
    SITE_MLP_OUTPUT,
    SITE_RESIDUAL_MLP,
    SITE_FINAL_NORM,
    SITE_LOGITS,
    SITE_COUNT
} SiteId;

typedef uint64_t SiteMask; // bit i is SiteId i
#define SITE_BIT(site) ((SiteMask)1 << (site))
#define SITE_ALL (SITE_BIT(SITE_COUNT) - 1)
#define SITE_WEIGHTS (SITE_BIT(SITE_ATTENTION) | SITE_BIT(SITE_CROSS_ATTENTION)) // what every Step keeps

typedef enum SiteShape {
    SITE_ROW_MODEL,       // [n_rows, d_model]
    SITE_ROW_HEAD,        // [n_rows, n_heads, d_head]
    SITE_ROW_KV_HEAD,     // [n_rows, n_kv_heads, d_head]
    SITE_HEAD_ROW_KEY,    // [n_heads, n_rows, n_keys]
    SITE_HEAD_ROW_SOURCE, // [n_heads, n_rows, n_source]
    SITE_SOURCE_HEAD,     // [n_source, n_heads, d_head]
    SITE_ROW_FF,          // [n_rows, d_ff]
    SITE_ROW_VOCAB,       // [1, n_vocab]: logits are computed for the last row alone
} SiteShape;

typedef struct Site {
    const char *name;    // in traces, on the screen and on the command line
    const char *formula; // what is computed there
    const char *gpt2;    // the name that Hugging Face's GPT-2 code has for it; NULL: GPT-2 has no such site
    const char *llama;   // and its Llama, Mistral and Qwen code
    SiteShape shape;
    bool per_layer; // once in every layer, or once in the pass
} Site;

extern const Site SITES[SITE_COUNT];

// The sites that a model has. Those of cross-attention are there when there is a source of n_source rows to
// look at.
SiteMask sites_of(const Config *config, int n_source);

// A site's shape for one layer, in such a pass. Returns the number of dimensions (2 or 3).
int site_shape(SiteId site, const Config *config, const PassShape *pass, int64_t shape[3]);

// The product of that shape: how many numbers the site has in one layer.
int64_t site_size(SiteId site, const Config *config, const PassShape *pass);

// The names of the axes of site_shape(): "row", "head", "kv_head", "key", "source", "d_model", "d_head",
// "d_ff", "vocab".
int site_axes(SiteId site, const char *axes[3]);

// The site of that name (n_bytes long), or SITE_COUNT.
SiteId site_find(const char *name, size_t n_bytes);

#endif
