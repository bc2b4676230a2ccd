#!/bin/sh
# Runs coverage-guided programs in turn, FUZZ_SECONDS each (3), from FUZZ_SEED. A line for each as the other native tests print;
# without a program, why not. The same seed begins the same search, but how it goes on depends on time: what repeats exactly is
# an input that failed, which is kept.
seconds=${FUZZ_SECONDS:-3}
seed=${FUZZ_SEED:-$(date +%s)}
if [ $# -eq 0 ]; then
  echo "SKIPPED coverage_guided_fuzzing: no clang with libFuzzer (on Debian: apt-get install clang libclang-rt-dev)"
  exit 0
fi
all_passed=0
for program in "$@"; do
  output=$("$program" -seed="$seed" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=4096 \
    -use_value_profile=1 -print_final_stats=1 -artifact_prefix="$program-found-" 2>&1)
  status=$?
  runs=$(printf '%s\n' "$output" | sed -n 's/^stat::number_of_executed_units: *//p')
  name=$(basename "$program")
  echo "$name: ${runs:-0} inputs in $seconds s, seed $seed"
  if [ "$status" -eq 0 ] && [ "${runs:-0}" -gt 0 ]; then
    echo "$name: 1 passed, 0 failed"
  else
    printf '%s\n' "$output" | tail -n 60
    found=$(printf '%s\n' "$output" | sed -n 's/.*Test unit written to //p' | tail -n 1)
    echo "to repeat: $(realpath "$program") $(realpath "$found" 2>/dev/null)"
    echo "$name: 0 passed, 1 failed"
    all_passed=1
  fi
done
exit $all_passed
