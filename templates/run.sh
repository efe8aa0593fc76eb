#!/usr/bin/env bash
# Runs gauntlet in CI: what action.yml and templates/gitlab.yml have in common.
#
#   PROGRAM    the gauntlet to run
#   ARGUMENTS  its command line, as bash reads it
#   OUT        the folder for reports; --out is added unless ARGUMENTS have it
#   SUMMARY    true: add the summary to $GITHUB_STEP_SUMMARY, where there is one
#
# Ends as gauntlet does, and writes exit-code to $GITHUB_OUTPUT, where there is one.
set -uo pipefail

: "${PROGRAM:?the gauntlet to run}" "${ARGUMENTS:?its command line}"
out=${OUT:-gauntlet-reports}
eval "words=($ARGUMENTS)" || exit 2
case " ${words[*]} " in
  *" --out "* | *" --out="*) ;;
  *) words+=(--out "$out") ;;
esac

"$PROGRAM" "${words[@]}"
code=$?

if [ "${SUMMARY:-true}" = true ] && [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  for summary in "$out/summary.md" "$out/comparison.md"; do
    # With --github gauntlet has added it itself.
    case " ${words[*]} " in *" --github "*) continue ;; esac
    [ -f "$summary" ] && cat "$summary" >>"$GITHUB_STEP_SUMMARY"
  done
fi
[ -n "${GITHUB_OUTPUT:-}" ] && echo "exit-code=$code" >>"$GITHUB_OUTPUT"
exit "$code"
