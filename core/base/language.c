// The texts of a language are looked up in
//
//     $KVSTEP_LOCALE             when it is set
//     BIN/locale                 in build/, beside the program
//     BIN/../share/locale        as `make install` lays it out, wherever the tree was moved
//     DATADIR/../locale          where `make install` was told to put it
#include "core/base/language.h"

#include <langinfo.h>
#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/data_folder.h"

static const char DOMAIN[] = "kvstep", CATALOG[] = "zh_CN";
static bool is_chinese;

static bool has_utf8(void) {
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

// Writes the folder that holds the catalogue; false when there is none.
static bool find_catalog(char *folder, size_t size) {
    char program[PATH_MAX], file[PATH_MAX + 64];
    const char *chosen = getenv("KVSTEP_LOCALE");
    program_folder(program, sizeof program);
    for (int place = 0; place < 4; place++) {
        if (place == 0) snprintf(folder, size, "%s", chosen ? chosen : "");
        if (place == 1) snprintf(folder, size, "%s/locale", program);
        if (place == 2) snprintf(folder, size, "%s/../share/locale", program);
        if (place == 3) snprintf(folder, size, "%s/../locale", KVSTEP_DATADIR);
        snprintf(file, sizeof file, "%s/%s/LC_MESSAGES/%s.mo", folder, CATALOG, DOMAIN);
        if (access(file, R_OK) == 0) return true;
    }
    return false;
}

// What the environment says, the first that is not empty.
static const char *locale_of_environment(void) {
    static const char *const NAMES[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (int i = 0; i < 3; i++) {
        const char *value = getenv(NAMES[i]);
        if (value && *value) return value;
    }
    return "C";
}

// Whether a locale's name is one of simplified Chinese; `length` bytes of it count.
static bool names_chinese(const char *name, size_t length) {
    static const char *const OTHERS[] = {"zh_TW", "zh_HK", "zh_MO", "zh_Hant"};
    for (int i = 0; i < 4; i++)
        if (length >= 5 && strncmp(name, OTHERS[i], strlen(OTHERS[i])) == 0) return false;
    return length >= 2 && strncmp(name, "zh", 2) == 0 && (length == 2 || strchr("_.@", name[2]));
}

// The first language of the list that there is; the list is not looked at in the locale "C".
static bool wants_chinese(void) {
    const char *locale = locale_of_environment(), *list = getenv("LANGUAGE");
    if (strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0) return false;
    for (; list && *list; list += strcspn(list, ":"), list += *list == ':') {
        size_t length = strcspn(list, ":");
        if (names_chinese(list, length)) return true;
        if (strncmp(list, "en", 2) == 0) return false;
    }
    return names_chinese(locale, strlen(locale));
}

// A machine may lack the locale that the environment names: the characters are UTF-8 nevertheless.
static bool says_utf8(void) {
    const char *locale = getenv("LC_ALL"), *codeset;
    if (!locale || !*locale) locale = getenv("LC_CTYPE");
    if (!locale || !*locale) locale = getenv("LANG");
    codeset = locale ? strchr(locale, '.') : NULL;
    return codeset && (strncasecmp(codeset, ".UTF-8", 6) == 0 || strncasecmp(codeset, ".utf8", 5) == 0);
}

// gettext takes LANGUAGE for the language only where the locale is not "C"; any other will do.
static bool set_locale_of_texts(void) {
    static const char *const LOCALES[] = {"zh_CN.UTF-8", "C.UTF-8", "en_US.UTF-8"};
    for (int i = 0; i < 3; i++)
        if (setlocale(LC_MESSAGES, LOCALES[i])) return setenv("LANGUAGE", CATALOG, 1) == 0;
    return false;
}

bool language_set(const char *name) {
    char folder[PATH_MAX + 16];
    bool asked = name && strcmp(name, "zh") == 0;
    if (name && !asked && strcmp(name, "en") != 0) return false;
    setlocale(LC_CTYPE, "");
    setlocale(LC_MESSAGES, "C");
    is_chinese = false;
    if (!asked && (name || !wants_chinese())) return true;
    // whoever asks for Chinese has a terminal that shows it, whatever a bare environment says
    if (!has_utf8() && (asked || says_utf8())) setlocale(LC_CTYPE, "C.UTF-8");
    if (!has_utf8() || !find_catalog(folder, sizeof folder) || !set_locale_of_texts()) return !asked;
    bindtextdomain(DOMAIN, folder);
    bind_textdomain_codeset(DOMAIN, "UTF-8");
    textdomain(DOMAIN);
    return is_chinese = true;
}

const char *language_name(void) {
    return is_chinese ? "zh" : "en";
}

const char *language_list(void) {
    return "en, zh";
}

// The empty text is not looked up: it is gettext's name for the catalogue's head.
const char *language_text(const char *text) {
    return is_chinese && *text ? gettext(text) : text;
}
