// What the writer and the reader of traces share. The format itself: docs/trace-format.md and
// trace.schema.json.
#ifndef KVSTEP_TRACE_FORMAT_H
#define KVSTEP_TRACE_FORMAT_H

#include "core/record/timeline.h"

#define TRACE_FORMAT "kvstep-trace"
#define TRACE_CACHE_DTYPE "f32"

// A reader takes any minor version of its major one: minor versions only add members.
enum { TRACE_MAJOR = 2, TRACE_MINOR = 0 };

enum { TRACE_MAX_DIMS = 4 };

// The shape of a site's array in a trace and the names of its axes: site_shape() with the layers in front
// when the site is in every layer. Returns the number of dimensions.
int trace_site_shape(SiteId site, const Config *config, const PassShape *pass, int64_t shape[TRACE_MAX_DIMS]);
int trace_site_axes(SiteId site, const char *axes[TRACE_MAX_DIMS]);

// Whether a site's array stands under "sites" in the Steps of a run that recorded these. "attention" and
// "cross_attention" never do: they have their own members in every Step.
bool trace_has_site(SiteMask recorded, SiteId site);
// Those of the two that a run has, with a source of n_source rows.
bool trace_has_weights(const Config *config, int n_source, SiteId site);

// The names of what a model is made of, by the enums of core/model/config.h and core/math/rope.h.
extern const char *const TRACE_POSITIONS[2], *const TRACE_NORMS[2], *const TRACE_MLPS[4],
                                                                        *const TRACE_ROPES[4];

#endif
