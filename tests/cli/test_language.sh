#!/bin/sh
# The screen's language: that po/ has every text and fits the code, and how the language is chosen.
. tests/shell.sh
unset LANGUAGE LC_MESSAGES LANG KVSTEP_LOCALE

begin "every text that is marked has a Chinese translation, and the formats of both match"
make -s build/kvstep.pot
msgmerge --quiet --no-fuzzy-matching -o "$work/zh.po" po/zh_CN.po build/kvstep.pot
LC_ALL=C msgfmt --check-format --statistics -o /dev/null "$work/zh.po" 2>"$work/err" || failed="$(cat "$work/err")"
if grep -q untranslated "$work/err" || grep -q fuzzy "$work/err"; then
    failed="$(cat "$work/err") \`make pot\` merges them into po/; $(msgattrib --untranslated --no-obsolete "$work/zh.po" | grep '^msgid' | tail -3)"
fi
begin "--lang zh speaks Chinese, before or after the subcommand, on a machine without a Chinese locale"
run 0 "用法：kvstep" --lang zh --help
run 0 "用法：kvstep run" run --lang=zh --help
run 0 "用法：kvstep models" --lang zh models --help
run 0 "公开模型的 KV 缓存" memory --lang zh
run 1 "没有模型 nonsense" --lang zh run nonsense -p a
export LC_ALL=C
run 0 "用法：kvstep" --lang zh --help
begin "without --lang the environment says which language it is"
for setting in LC_ALL=zh_CN.UTF-8 LC_ALL=zh_SG.utf8 "LC_ALL=C.UTF-8 LANGUAGE=de:zh_CN:en"; do
    unset LANGUAGE
    # shellcheck disable=SC2163
    for variable in $setting; do export "$variable"; done
    run 0 "用法：" --help
done
for setting in "LC_ALL=C LANGUAGE=zh_CN" "LC_ALL=zh_TW.UTF-8 LANGUAGE=" "LC_ALL=C.UTF-8 LANGUAGE=en:zh_CN" "LC_ALL=zh_CN.GB18030 LANGUAGE="; do
    # shellcheck disable=SC2163
    for variable in $setting; do export "$variable"; done
    run 0 "Usage: kvstep" --help
done
LC_ALL=zh_CN.UTF-8
run 0 "Usage: kvstep" --lang en --help
begin "JSON is the same in every language"
for arguments in "memory story --json" "tokens story Once --json" "models --json"; do
    # shellcheck disable=SC2086
    "$KVSTEP" --lang en $arguments >"$work/en"
    # shellcheck disable=SC2086
    "$KVSTEP" --lang zh $arguments >"$work/zh"
    ok cmp "$work/en" "$work/zh"
done
begin "a language that there is not is an error that lists those there are"
LC_ALL=C.UTF-8
run 2 'there is no language "fr"; choose from: en, zh' --lang fr
run 2 "--lang takes a language: en, zh" run --lang
run 0 "4 tokens" tokens story --no-bos -- "--lang"
finish
