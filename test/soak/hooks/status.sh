# Ends as its arguments say: `exit CODE` or `kill SIGNAL`.
event=$(cat)
printf '%s' "$event"
printf 'e:%s' "$event" >&2
case $1 in
  exit) exit "$2" ;;
  kill) kill -s "$2" $$ ;;
esac
