// Fuzzes the tokenizer: tokenizer.json, a NUL, a text. Whatever loads and encodes gives the text back, unless the file asks
// for what changes it; a space more at the start of a segment is allowed, because some tokenizers add one.
#include "tests/fuzz/folder.h"

#include "core/tokenizer.h"

enum { N_VOCAB = 1000, MAX_TEXT = 2000 };

static void check_round_trip(const Tokenizer *tokenizer, const TokenIds *ids, Text text) {
    for (int i = 0; i < ids->n; i++) {
        Text token = tokenizer_text(tokenizer, ids->ids[i]);
        if (token.n_bytes == 0) abort();
        bool added_space = token.bytes[0] == ' ' && (text.n_bytes == 0 || text.bytes[0] != ' ');
        if (added_space) token = (Text){token.bytes + 1, token.n_bytes - 1};
        if (token.n_bytes > text.n_bytes || memcmp(token.bytes, text.bytes, token.n_bytes) != 0) abort();
        text = (Text){text.bytes + token.n_bytes, text.n_bytes - token.n_bytes};
    }
    if (text.n_bytes > 0) abort();
}

// Whether nothing in the file changes a text: a byte-level vocabulary does not, nor do tokens that are found as they are
// written.
static bool keeps_text(const uint8_t *json, size_t n) {
    static const char *const CHANGES[] = {"\\", "normalizer\":{", "post_processor", "strip", "Metaspace"};
    for (size_t i = 0; i < sizeof CHANGES / sizeof CHANGES[0]; i++)
        if (memmem(json, n, CHANGES[i], strlen(CHANGES[i]))) return false;
    return memmem(json, n, "ByteLevel", 9);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
    size_t n_json = fuzz_first_part(bytes, n_bytes);
    size_t skip = n_json < n_bytes ? n_json + 1 : n_bytes;
    Text text = {(const char *)bytes + skip, n_bytes - skip < MAX_TEXT ? n_bytes - skip : MAX_TEXT};
    Config config = {.n_vocab = N_VOCAB};
    Tokenizer *tokenizer;
    TokenIds ids;
    Error err;
    fuzz_write("tokenizer.json", bytes, n_json);
    if (!tokenizer_load(&tokenizer, fuzz_folder(), &config, &err)) return 0;
    if (tokenizer_encode_prompt(tokenizer, text, &ids, &err)) {
        if (keeps_text(bytes, n_json)) check_round_trip(tokenizer, &ids, text);
        free(ids.ids);
    }
    tokenizer_free(tokenizer);
    return 0;
}
