#include "core/math/sgemm.h"

#include <cblas.h>
#include <pthread.h>

static void keep_to_the_caller(void) {
    openblas_set_num_threads(1);
}

void sgemm(const Sgemm *p) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, keep_to_the_caller);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, p->b_transposed ? CblasTrans : CblasNoTrans, p->n_rows,
                p->n_columns, p->n_inner, p->scale, p->a, p->a_stride, p->b, p->b_stride, p->adds ? 1 : 0,
                p->out, p->out_stride);
}
