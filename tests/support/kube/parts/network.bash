# The bridge, and host settings that are put back by down. Used by ../kube.

set_sysctl() {
	local file=/proc/sys/${1//.//}
	[[ -e $file ]] || return 0
	grep -q "^$1=" "$state/sysctls" 2>/dev/null || printf '%s=%s\n' "$1" "$(<"$file")" >>"$state/sysctls"
	printf '%s' "$2" >"$file"
}

remember_sysctl() { set_sysctl "$1" "$(<"/proc/sys/${1//.//}")"; }

network_up() {
	ip link show "$bridge" >/dev/null 2>&1 || ip link add "$bridge" address 02:57:41:52:4e:01 type bridge
	ip addr replace "$address/${subnet#*/}" dev "$bridge"
	ip link set "$bridge" up
	# Pods talk to pods and to this machine, to nothing beyond it.
	nft -f - <<-END
		table inet $bridge
		delete table inet $bridge
		table inet $bridge {
			chain forward {
				type filter hook forward priority filter;
				iifname "$bridge" oifname != "$bridge" reject
			}
		}
	END
	set_sysctl net.ipv4.ip_forward 1
	set_sysctl net.bridge.bridge-nf-call-iptables 1
	# kubelet sets these by itself
	local key
	for key in vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys kernel.keys.root_maxbytes; do
		remember_sysctl "$key"
	done
}

network_down() {
	local line
	nft delete table inet "$bridge" 2>/dev/null || :
	nft delete table ip kube-proxy 2>/dev/null || :
	nft delete table ip6 kube-proxy 2>/dev/null || :
	local port
	for port in $(ip -o link show master "$bridge" 2>/dev/null | awk -F '[ :@]+' '{print $2}'); do ip link delete "$port" 2>/dev/null || :; done
	ip link delete "$bridge" 2>/dev/null || :
	[[ -f $state/sysctls ]] || return 0
	while read -r line; do
		printf '%s' "${line#*=}" >"/proc/sys/$(tr . / <<<"${line%%=*}")" || :
	done <"$state/sysctls"
	rm -f "$state/sysctls"
}

