// Fuzzes the tokenizer: tokenizer.json, a NUL, a text. Whatever loads and encodes gives tokens that have a
// text; where nothing in the file changes a text on its way, they give the whole text back. A space more at
// the start of a segment is allowed, because some tokenizers add one.
#include "tests/fuzz/folder.h"

#include "core/base/file.h"
#include "core/tokenizer/tokenizer.h"

enum { N_VOCAB = 1000, MAX_TEXT = 2000 };

// A normaliser, an unknown token, a beginning of text, tokens that take the spaces beside them.
static bool changes_texts(const uint8_t *bytes, size_t n_bytes) {
    static const char *const WORDS[] = {"Prepend",       "Replace", "NFC",       "Metaspace",
                                        "byte_fallback", "strip",   "unk_token", "Template"};
    cJSON *json;
    Error err;
    if (!json_parse(&json, (const char *)bytes, n_bytes, "", &err)) abort(); // it has been loaded
    char *plain = cJSON_PrintUnformatted(json);                              // in which no letter is escaped
    bool found = !strstr(plain, "ByteLevel");                                // pieces
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) found |= strstr(plain, WORDS[i]) != NULL;
    cJSON_free(plain);
    cJSON_Delete(json);
    return found;
}

static void check_tokens(const Tokenizer *tokenizer, const TokenIds *ids) {
    for (int i = 0; i < ids->n; i++)
        if (tokenizer_text(tokenizer, ids->ids[i]).n_bytes == 0) abort();
}

static void check_round_trip(const Tokenizer *tokenizer, const TokenIds *ids, Text text) {
    for (int i = 0; i < ids->n; i++) {
        Text token = tokenizer_text(tokenizer, ids->ids[i]);
        bool added_space = token.bytes[0] == ' ' && (text.n_bytes == 0 || text.bytes[0] != ' ');
        if (added_space) token = (Text){token.bytes + 1, token.n_bytes - 1};
        if (token.n_bytes > text.n_bytes || memcmp(token.bytes, text.bytes, token.n_bytes) != 0) abort();
        text = (Text){text.bytes + token.n_bytes, text.n_bytes - token.n_bytes};
    }
    if (text.n_bytes > 0) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
    size_t n_json = fuzz_first_part(bytes, n_bytes);
    size_t skip = n_json < n_bytes ? n_json + 1 : n_bytes;
    Text text = {(const char *)bytes + skip, n_bytes - skip < MAX_TEXT ? n_bytes - skip : MAX_TEXT};
    Tokenizer *tokenizer;
    TokenIds ids;
    Error err;
    fuzz_write("tokenizer.json", bytes, n_json);
    if (!tokenizer_load(&tokenizer, fuzz_folder(), N_VOCAB, &err)) return 0;
    if (tokenizer_encode_prompt(tokenizer, text, &ids, &err)) {
        check_tokens(tokenizer, &ids);
        if (!changes_texts(bytes, n_json)) check_round_trip(tokenizer, &ids, text);
        free(ids.ids);
    }
    tokenizer_free(tokenizer);
    return 0;
}
