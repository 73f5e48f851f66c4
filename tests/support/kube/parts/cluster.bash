# A whole cluster of one node: what the control plane lacks, and how all of it goes away again. Used by ../kube.

cluster_up() {
	local began=$SECONDS
	((EUID == 0)) || die "needs root"
	install_packages
	build
	if [[ -f $current ]]; then
		use "$(<"$current")"
		if running; then say "already up"; tell; return; fi
		say "clearing away what an earlier cluster left"
		down
	fi
	create "${folder:-$cache/state}"
	printf '%s' "$state" >"$current"
	parts=(etcd containerd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy coredns volumes)
	printf '%s\n' "${parts[@]}" >"$state/parts"
	snapshotter=overlayfs address=$node_address server=https://$node_address:6443
	network_up
	certificates
	node_certificates
	configure

	start_etcd 12379
	start containerd env PATH="$bin:$PATH" "$bin/containerd" --config "$state/containerd.toml"
	start_apiserver 12379 6443 --enable-admission-plugins NodeRestriction \
		--kubelet-client-certificate "$pki/admin.crt" --kubelet-client-key "$pki/admin.key" \
		--kubelet-certificate-authority "$pki/ca.crt" --kubelet-preferred-address-types InternalIP
	wait_for containerd 30 ctr version
	pause_image
	wait_for "API server" 60 kubectl get --raw /readyz

	start kube-controller-manager "$bin/kube-controller-manager" --kubeconfig "$state/controller-manager.kubeconfig" \
		--authentication-kubeconfig "$state/controller-manager.kubeconfig" --authorization-kubeconfig "$state/controller-manager.kubeconfig" \
		--bind-address 127.0.0.1 --leader-elect=false --use-service-account-credentials --profiling=false \
		--service-account-private-key-file "$pki/sa.key" --root-ca-file "$pki/ca.crt" \
		--cluster-signing-cert-file "$pki/ca.crt" --cluster-signing-key-file "$pki/ca.key"
	start kube-scheduler "$bin/kube-scheduler" --kubeconfig "$state/scheduler.kubeconfig" \
		--authentication-kubeconfig "$state/scheduler.kubeconfig" --authorization-kubeconfig "$state/scheduler.kubeconfig" \
		--bind-address 127.0.0.1 --leader-elect=false --profiling=false
	start kubelet "$bin/kubelet" --config "$state/kubelet.yaml" --kubeconfig "$state/node.kubeconfig" \
		--root-dir "$state/kubelet" --cert-dir "$pki" --hostname-override "$node" --node-ip "$address"
	start kube-proxy "$bin/kube-proxy" --config "$state/proxy.yaml"
	start coredns "$bin/coredns" -conf "$state/Corefile"
	start volumes "$bin/kube-parts" volumes -kubeconfig "$state/kubeconfig" -dir "$state/volumes" -node "$node"
	kubectl apply -f - >/dev/null <<-END
		apiVersion: storage.k8s.io/v1
		kind: StorageClass
		metadata: {name: local, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
		provisioner: warren.test/local
		reclaimPolicy: Delete
		volumeBindingMode: Immediate
	END
	wait_for "the node" 60 kubectl wait --for=condition=Ready "node/$node" --timeout=1s
	wait_for "the default service account" 60 kubectl get serviceaccount/default configmap/kube-root-ca.crt
	running || die "a part has stopped: $0 status"
	say "up in $((SECONDS - began)) s"
	tell
}

# Shims outlive their containerd: they are known by its socket on their command lines.
shims() {
	local process
	for process in /proc/[0-9]*; do
		[[ $(readlink "$process/exe") == "$bin/containerd-shim"* ]] &&
			tr '\0' '\n' <"$process/cmdline" | grep -qxF "$socket" && printf '%s\n' "${process##*/}" || :
	done 2>/dev/null
}

unmount() {
	local point
	awk -v under="$state/" 'index($5, under) == 1 {print $5}' /proc/self/mountinfo | sort -r | while read -r point; do
		umount "$point" 2>/dev/null || umount -l "$point" || :
	done
}

cluster_down() {
	stop kubelet
	if alive containerd; then
		"$bin/kube-parts" sandboxes -remove -socket "$socket" >>"$state/logs/down.log" 2>&1 || :
	fi
	stop volumes coredns kube-proxy kube-scheduler kube-controller-manager kube-apiserver containerd etcd
	# What a containerd that had died could not remove: the shims, and the containers, their children.
	local pid
	for pid in $(shims); do
		kill -STOP "$pid" && kill -KILL $(cat /proc/"$pid"/task/*/children) "$pid" || :
	done 2>/dev/null
	unmount
	network_down
	find /sys/fs/cgroup -depth -type d \( -path '*/kubepods*' -o -path '*/k8s.io*' \) -exec rmdir {} + 2>/dev/null || :
	find /var/log/containers -type l -lname "$state/*" -delete 2>/dev/null || :
	rm -rf "$state"/{etcd,kubelet,volumes,cni,pod-logs,containerd/state,containerd/runc} "$state"/*.kubeconfig
	rm -f "$current"
}
