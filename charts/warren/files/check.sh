# The broker's image has no HTTP client but Erlang's sockets.
fetch() { # HOST PATH
  erl -noinput -eval '
    [Host, Path] = init:get_plain_arguments(),
    Try = fun(Family, {error, _}) -> gen_tcp:connect(Host, 15690, [binary, Family, {active, false}], 5000); (_, Done) -> Done end,
    case lists:foldl(Try, {error, none}, [inet, inet6]) of
      {ok, Socket} ->
        ok = gen_tcp:send(Socket, ["GET ", Path, " HTTP/1.0\r\nHost: ", Host, "\r\n\r\n"]),
        (fun Read() -> case gen_tcp:recv(Socket, 0, 5000) of {ok, Part} -> io:put_chars(Part), Read(); _ -> halt(0) end end)();
      _ -> halt(1)
    end' -extra "$1" "$2" | tr -d '\r'
}
holds() { # POD PATH PATTERN
  answer=$(fetch "$1.$DOMAIN" "$2" || true)
  echo "$answer" | grep -q "$3"
}
# A metric that is seen every few seconds may be a little late.
expect() {
  tries=0
  until holds "$@"; do
    tries=$((tries + 1))
    if [ "$tries" -ge 30 ]; then
      echo "$1: $2 does not say: $3"
      echo "$answer" | grep -v '^#'
      exit 1
    fi
    sleep 2
  done
}
n=0
while [ "$n" -lt "$REPLICAS" ]; do
  expect "$PODS-$n" /readyz '^HTTP/1.[01] 200'
  expect "$PODS-$n" /metrics "^warren_cluster_members{state=\"running\"} $REPLICAS\$"
  expect "$PODS-$n" /metrics '^warren_cluster_groups 1$'
  expect "$PODS-$n" /metrics '^warren_cluster_outside 0$'
  echo "$PODS-$n is ready and sees one cluster of $REPLICAS"
  n=$((n + 1))
done
