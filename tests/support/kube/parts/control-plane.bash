# etcd and the API server: enough for everything that only talks to the API. Used by ../kube.

start_etcd() { # PORT   the next one is for its peers, of which it has none
	start etcd "$bin/etcd" --data-dir "$state/etcd" --name etcd --unsafe-no-fsync --log-level warn \
		--listen-client-urls "http://127.0.0.1:$1" --advertise-client-urls "http://127.0.0.1:$1" \
		--listen-peer-urls "http://127.0.0.1:$(($1 + 1))" \
		--initial-advertise-peer-urls "http://127.0.0.1:$(($1 + 1))" --initial-cluster "etcd=http://127.0.0.1:$(($1 + 1))"
}

start_apiserver() { # ETCD-PORT PORT FLAG...
	local etcd_port=$1 port=$2
	shift 2
	start kube-apiserver "$bin/kube-apiserver" --etcd-servers "http://127.0.0.1:$etcd_port" \
		--bind-address "$address" --advertise-address "$address" --secure-port "$port" \
		--client-ca-file "$pki/ca.crt" --tls-cert-file "$pki/apiserver.crt" --tls-private-key-file "$pki/apiserver.key" \
		--service-account-issuer "https://kubernetes.default.svc.$domain" \
		--service-account-key-file "$pki/sa.pub" --service-account-signing-key-file "$pki/sa.key" \
		--service-cluster-ip-range "$services" --authorization-mode Node,RBAC --allow-privileged=true --profiling=false "$@"
}

# Three ports in a row on which nothing listens, below those the kernel gives to clients.
free_ports() {
	local first used
	used=$(awk '{split($2, a, ":"); print strtonum("0x" a[2])}' /proc/net/tcp /proc/net/tcp6 2>/dev/null ||
		awk 'function hex(s, i, n) {n = 0; for (i = 1; i <= length(s); i++) n = n * 16 + index("0123456789ABCDEF", substr(s, i, 1)) - 1; return n}
			{split($2, a, ":"); print hex(a[2])}' /proc/net/tcp /proc/net/tcp6)
	while :; do
		first=$((20000 + RANDOM % 10000))
		grep -qxE "$first|$((first + 1))|$((first + 2))" <<<"$used" || { printf '%s' "$first"; return; }
	done
}

control_plane_up() { # [ADDRESS]
	local began=$SECONDS port attempt
	build
	create "${folder:-$cache/control-plane}"
	address=${1:-127.0.0.1}
	if running; then say "already up"; tell; return; fi
	parts=(etcd kube-apiserver)
	printf '%s\n' "${parts[@]}" >"$state/parts"
	# Another run may take the same free ports at the same moment: then this one takes others.
	for attempt in 1 2 3; do
		rm -rf "$state/etcd"
		port=$(free_ports)
		server=https://$address:$((port + 2))
		certificates
		start_etcd "$port"
		start_apiserver "$port" $((port + 2)) --endpoint-reconciler-type none
		if wait_for "API server" 30 ready_or_dead && running; then break; fi
		((attempt < 3)) || die "the API server did not start; see $state/logs"
		stop kube-apiserver etcd
	done
	say "up in $((SECONDS - began)) s"
	tell
}

ready_or_dead() { ! running || kubectl get --raw /readyz; }
