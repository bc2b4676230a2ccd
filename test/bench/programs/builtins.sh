# A hook of shell built-ins only: reads its event, decides, answers.
IFS= read -r event
case $event in
  *'"tool_name":"Bash"'*) decision=allow ;;
  *) decision=ask ;;
esac
[[ $event =~ \"tool_use_id\":\"([^\"]*)\" ]] && id=${BASH_REMATCH[1]}
printf '{"decision":"%s","id":"%s"}\n' "$decision" "$id"
