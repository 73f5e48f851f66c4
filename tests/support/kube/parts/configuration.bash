# Configuration files of the parts of a whole cluster. Used by ../kube.

configure() {
	mkdir -p "$state"/{cni/net.d,kubelet,volumes,containerd,pod-logs}
	cat >"$state/containerd.toml" <<-END
		version = 3
		root = "$state/containerd/root"
		state = "$state/containerd/state"
		disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.nri.v1.nri"]
		[grpc]
		  address = "$socket"
		[ttrpc]
		  address = "$socket.ttrpc"
		[plugins."io.containerd.cri.v1.images"]
		  snapshotter = "$snapshotter"
		  [plugins."io.containerd.cri.v1.images".pinned_images]
		    sandbox = "$pause"
		[plugins."io.containerd.cri.v1.runtime"]
		  restrict_oom_score_adj = true
		  netns_mounts_under_state_dir = true
		  [plugins."io.containerd.cri.v1.runtime".cni]
		    bin_dirs = ["/usr/lib/cni"]
		    conf_dir = "$state/cni/net.d"
		  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
		    runtime_type = "io.containerd.runc.v2"
		    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
		      BinaryName = "$(command -v runc)"
		      Root = "$state/containerd/runc"
		      SystemdCgroup = false
	END
	cat >"$state/cni/net.d/10-bridge.conflist" <<-END
		{"cniVersion": "1.0.0", "name": "warren", "plugins": [
		  {"type": "bridge", "bridge": "$bridge", "isGateway": true, "ipMasq": false, "hairpinMode": true,
		   "ipam": {"type": "host-local", "dataDir": "$state/cni/addresses", "ranges": [[{"subnet": "$subnet"}]],
		            "routes": [{"dst": "0.0.0.0/0"}]}}]}
	END
	printf 'nameserver %s\n' "$address" >"$state/resolv.conf"
	cat >"$state/kubelet.yaml" <<-END
		apiVersion: kubelet.config.k8s.io/v1beta1
		kind: KubeletConfiguration
		address: $address
		authentication:
		  anonymous: {enabled: false}
		  webhook: {enabled: true}
		  x509: {clientCAFile: $pki/ca.crt}
		authorization: {mode: Webhook}
		tlsCertFile: $pki/kubelet-server.crt
		tlsPrivateKeyFile: $pki/kubelet-server.key
		containerRuntimeEndpoint: unix://$socket
		cgroupDriver: cgroupfs
		cgroupsPerQOS: true
		enforceNodeAllocatable: []
		failCgroupV1: false
		failSwapOn: false
		oomScoreAdj: 0
		makeIPTablesUtilChains: false
		clusterDNS: ["$address"]
		clusterDomain: $domain
		resolvConf: $state/resolv.conf
		podLogsDir: $state/pod-logs
		readOnlyPort: 0
		evictionHard: {memory.available: "0%", nodefs.available: "0%", nodefs.inodesFree: "0%", imagefs.available: "0%", imagefs.inodesFree: "0%"}
		imageGCHighThresholdPercent: 100
	END
	cat >"$state/proxy.yaml" <<-END
		apiVersion: kubeproxy.config.k8s.io/v1alpha1
		kind: KubeProxyConfiguration
		mode: nftables
		clientConnection: {kubeconfig: $state/proxy.kubeconfig}
		hostnameOverride: $node
		clusterCIDR: $subnet
		bindAddress: $address
		healthzBindAddress: 127.0.0.1:10256
		metricsBindAddress: 127.0.0.1:10249
		nodePortAddresses: [$address/32]
		oomScoreAdj: 0
		conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
	END
	# Names outside the cluster do not exist: nothing is ever asked of another machine.
	cat >"$state/Corefile" <<-END
		$domain in-addr.arpa {
		    bind $address
		    errors
		    kubernetes $domain in-addr.arpa {
		        kubeconfig $state/kubeconfig
		        pods insecure
		        ttl 30
		    }
		}
		. {
		    bind $address
		    errors
		    template ANY ANY {
		        rcode NXDOMAIN
		    }
		}
	END
}

