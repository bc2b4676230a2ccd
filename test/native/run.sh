#!/bin/sh
# Runs test programs in turn and adds up their counts. A program that dies without a count (a sanitizer's abort, the
# alarm) is one failure. The last line is "N passed, M failed"; the status is 1 if anything failed.
passed=0
failed=0
# The thread sanitizer of older compilers cannot start where the kernel randomizes addresses by more than 28 bits.
wrapper=
setarch -R true 2>/dev/null && wrapper='setarch -R'
for program in "$@"; do
  output=$($wrapper "$program")
  status=$?
  printf '%s: %s\n' "$(basename "$program")" "$output"
  set -- $(printf '%s\n' "$output" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' | tail -n 1)
  passed=$((passed + ${1:-0}))
  failed=$((failed + ${2:-0}))
  if [ "$status" -ne 0 ] && [ "${2:-0}" -eq 0 ]; then failed=$((failed + 1)); fi
done
printf '%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
