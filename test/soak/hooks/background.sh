# Leaves a process behind: one that holds stdout for a moment, or one that holds nothing for longer.
event=$(cat)
case $1 in
  holds) sleep 0.1 & ;;
  free) sleep 1 </dev/null >/dev/null 2>&1 & ;;
esac
printf '%s' "$event"
