// Translates what people read: from English, which the code holds, to Chinese, from po/zh_CN.po by GNU
// gettext.
//
// Do not translate what is typed (commands, options, names of sites and sizes), JSON, or traces.
#ifndef KVSTEP_LANGUAGE_H
#define KVSTEP_LANGUAGE_H

#include <stdbool.h>

// _("...") gives the translated text. N_("...") only marks a text in a table; call _() on it where it is
// shown.
#define _(text) language_text(text)
#define N_(text) text

// Sets the language, "en" or "zh", and the locale of characters and texts; LC_NUMERIC stays "C". NULL takes
// the language from the environment, as gettext does: LANGUAGE, LC_ALL, LC_MESSAGES, LANG. Returns false for
// an unknown name, or when the Chinese texts were asked for by name and cannot be found.
bool language_set(const char *name);

// "en" or "zh".
const char *language_name(void);

// The names that language_set() knows, with commas between them.
const char *language_list(void);

__attribute__((format_arg(1))) const char *language_text(const char *text);

#endif
