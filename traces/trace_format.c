#include "traces/trace_format.h"

int trace_site_shape(SiteId site, const Config *config, const PassShape *pass,
                     int64_t shape[TRACE_MAX_DIMS]) {
    int n_outer = SITES[site].per_layer ? 1 : 0;
    shape[0] = config->n_layers;
    return n_outer + site_shape(site, config, pass, shape + n_outer);
}

int trace_site_axes(SiteId site, const char *axes[TRACE_MAX_DIMS]) {
    int n_outer = SITES[site].per_layer ? 1 : 0;
    axes[0] = "layer";
    return n_outer + site_axes(site, axes + n_outer);
}

bool trace_has_site(SiteMask recorded, SiteId site) {
    return (recorded & ~SITE_WEIGHTS & SITE_BIT(site)) != 0;
}

bool trace_has_weights(const Config *config, int n_source, SiteId site) {
    return (SITE_WEIGHTS & sites_of(config, n_source) & SITE_BIT(site)) != 0;
}

const char *const TRACE_POSITIONS[2] = {[POSITIONS_LEARNED] = "learned", [POSITIONS_ROPE] = "rope"};
const char *const TRACE_NORMS[2] = {[NORM_LAYER] = "layer_norm", [NORM_RMS] = "rms_norm"};
const char *const TRACE_MLPS[4] = {
    [MLP_GELU_TANH] = "gelu_tanh", [MLP_GELU_ERF] = "gelu", [MLP_RELU] = "relu", [MLP_SWIGLU] = "swiglu"};
const char *const TRACE_ROPES[4] = {
    [ROPE_PLAIN] = "plain", [ROPE_LINEAR] = "linear", [ROPE_LLAMA3] = "llama3", [ROPE_YARN] = "yarn"};
