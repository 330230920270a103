#include "trace_format.h"

int trace_site_shape(SiteId site, const Config *config, int n_rows, int n_src, int64_t shape[TRACE_MAX_DIMS]) {
    int n_outer = SITES[site].per_layer ? 1 : 0;
    shape[0] = config->n_layers;
    return n_outer + site_shape(site, config, n_rows, n_src, shape + n_outer);
}

int trace_site_axes(SiteId site, const char *axes[TRACE_MAX_DIMS]) {
    int n_outer = SITES[site].per_layer ? 1 : 0;
    axes[0] = "layer";
    return n_outer + site_axes(site, axes + n_outer);
}

bool trace_has_site(SiteMask recorded, SiteId site) {
    return site != SITE_ATTENTION && (recorded & SITE_BIT(site)) != 0;
}
