// The table at the end of `kvstep run`: a line for each step, with the cost with the cache and without it.
#include <stdio.h>

#include "cli/cli.h"
#include "core/decode/cost_formula.h"
#include "tui/screen/format.h"

static void print_cell(const char *text, int width) {
    putchar(' ');
    print_right(text, width);
}

static void print_pair(Formatted cached, Formatted recompute, double cached_cost, double recompute_cost) {
    print_cell(cached.text, 8);
    print_cell(recompute.text, 8);
    print_cell(format_ratio(recompute_cost, cached_cost).text, 6);
    printf(" |");
}

static void print_step(const Step *step, const char *choice) {
    const Cost *a = &step->cached, *b = &step->recompute;
    int64_t a_bytes = cost_bytes_read(a), b_bytes = cost_bytes_read(b);
    printf("%4d %4d |", step->index, step->n_rows);
    print_pair(format_count((double)a->flops), format_count((double)b->flops), (double)a->flops,
               (double)b->flops);
    print_pair(format_bytes(a_bytes), format_bytes(b_bytes), (double)a_bytes, (double)b_bytes);
    print_pair(format_time(a->nanoseconds), format_time(b->nanoseconds), (double)a->nanoseconds,
               (double)b->nanoseconds);
    printf(" %10s %s |", format_grouped(step->cache.bytes).text,
           step->cache.bytes == step->cache.bytes_formula ? "=" : "≠");
    if (step_has(step, FACT_COMPARISON))
        printf(" %8.1e%s |", (double)step->comparison.max_abs_logit_difference,
               step->comparison.same_choice ? "  " : " ≠");
    else
        printf("         -   |");
    printf(" %s\n", choice);
}

// All Steps together.
typedef struct Total {
    Cost cached, recompute;
    float worst; // of the differences
    int n_same;
} Total;

static Total add_up(const Timeline *timeline) {
    Total total = {0};
    for (int i = 0; i < timeline->n_steps; i++) {
        const Step *step = timeline->steps[i];
        cost_add(&total.cached, &step->cached);
        cost_add(&total.recompute, &step->recompute);
        float difference = step->comparison.max_abs_logit_difference;
        if (difference > total.worst) total.worst = difference;
        total.n_same += step->comparison.same_choice;
    }
    return total;
}

// The second cache of an encoder-decoder, and what keeping it saves.
static void print_cross(const Timeline *timeline, const Total *total) {
    const Config *c = &timeline->config;
    int n_source = timeline->n_source;
    if (n_source == 0) return;
    printf(_("\nCross-attention's cache: %s B = 2 (K and V) · %d layers · %d heads · %d d_head · %d source "
             "tokens · 4 B, "
             "filled in step 0, read in every step.\n"),
           format_grouped(cross_cache_bytes_formula(c, n_source)).text, c->n_layers, c->n_heads, c->d_head,
           n_source);
    printf(_("K and V of the source: %s FLOPs when computed once, %s when recomputed at every step. The "
             "encoder ran once: %s FLOPs."),
           format_count((double)total->cached.cross_kv_flops).text,
           format_count((double)total->recompute.cross_kv_flops).text,
           format_count((double)timeline->encoder.flops).text);
}

static void print_total(const Timeline *timeline, const Total *total) {
    const Cost *a = &total->cached, *b = &total->recompute;
    printf(_("\nTotal: %s FLOPs cached, %s recomputed: %s saved. "), format_count((double)a->flops).text,
           format_count((double)b->flops).text, format_ratio((double)b->flops, (double)a->flops).text);
    if (timeline->has_recompute)
        printf(
            _("Time %s cached, %s recomputed: %s.\nBoth ways chose the same token in %d of %d steps; max |Δ "
              "logit| %.1e.\n"),
            format_time(a->nanoseconds).text, format_time(b->nanoseconds).text,
            format_ratio((double)b->nanoseconds, (double)a->nanoseconds).text, total->n_same,
            timeline->n_steps, (double)total->worst);
    else
        printf(_("Nothing was recomputed: the recomputed figures come from the formula.\n"));
}

void print_cost_table(const Timeline *timeline) {
    const Config *c = &timeline->config;
    printf(_("          | FLOPs                    | bytes read               | time                     | "
             "cache bytes  | "
             "max |Δ|    |\n"));
    printf(_("step rows |   cached  recomp.  saved |   cached  recomp.  saved |   cached  recomp.  saved |   "
             " = formula | of "
             "logits  | chosen\n"));
    for (int i = 0; i < timeline->n_steps; i++) {
        const Step *step = timeline->steps[i];
        char choice[64];
        if (step->choice_text.bytes)
            text_neutralise(choice, sizeof choice, step->choice_text, TEXT_LINE);
        else
            snprintf(choice, sizeof choice, "#%d", step->choice.id);
        print_step(step, choice);
    }
    printf(_("\nCache: %s B a token = 2 (K and V) · %d layers · %d kv heads · %d d_head · 4 B."),
           format_grouped(cache_bytes_formula(c, 1)).text, c->n_layers, c->n_kv_heads, c->d_head);
    Total total = add_up(timeline);
    print_cross(timeline, &total);
    print_total(timeline, &total);
}
