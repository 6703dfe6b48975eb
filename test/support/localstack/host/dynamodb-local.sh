#!/bin/sh
# LocalStack starts this in place of `java -jar DynamoDBLocal.jar ... -port N`. It runs dynoxide ($FANFARE_DYNOXIDE) on that port.
port=8000
while [ $# -gt 0 ]; do
  [ "$1" = -port ] && port=$2
  shift
done

# LocalStack gives it a session of its own and no way to hear that LocalStack was killed but the standard input, which is
# LocalStack's own and closes with the run. Background commands have none, hence the third descriptor.
exec 3<&0
"$FANFARE_DYNOXIDE" --host 127.0.0.1 --port "$port" </dev/null 3<&- &
engine=$!
trap 'kill "$engine"' TERM INT
{ cat <&3 >/dev/null; kill -9 "$engine"; } 2>/dev/null &
watcher=$!
exec 3<&-
wait "$engine"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
