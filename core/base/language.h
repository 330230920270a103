// The language of what people read: English, as it is written in the code, or Chinese, from po/zh_CN.po by
// GNU gettext.
//
// What is typed is never translated: commands, options, names of sites and sizes; nor are JSON and traces.
#ifndef KVSTEP_LANGUAGE_H
#define KVSTEP_LANGUAGE_H

#include <stdbool.h>

// _("...") is the text in the language; N_("...") marks one in a table, which is looked up with _() where it
// is shown.
#define _(text) language_text(text)
#define N_(text) text

// Sets the locale for characters and texts; numbers keep their point: LC_NUMERIC stays "C". NULL takes the
// language from the environment, as gettext does: LANGUAGE, LC_ALL, LC_MESSAGES, LANG. False when there is no
// such language or its texts are not found.
bool language_set(const char *name);

// "en" or "zh".
const char *language_name(void);
// The languages that language_set() knows, with commas between them.
const char *language_list(void);

__attribute__((format_arg(1))) const char *language_text(const char *text);

#endif
