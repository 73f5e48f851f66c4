# Go, and the Kubernetes programs built with it once. Used by ../kube.

kubernetes_version=v1.37.1
containerd_version=v2.4.2

# What concerns the machine and not what is built: its own exit code.
no_go() { say "no Go: $*"; exit 77; }

# The Go version that src/go.mod asks for, as a command in $go. Go before 1.21 cannot fetch a newer one by itself;
# the same archive is a module, so its own module download gets it.
find_go() {
	local wanted have archive answer unpacked=$cache/go
	wanted=$(awk '$1 == "go" {print $2}' "$source_dir/go.mod")
	go=$(command -v go || :)
	[[ $go ]] || no_go "not installed (.ci/setup kube)"
	have=$(cd / && "$go" env GOVERSION)
	have=${have#go}
	if [[ $(printf '%s\n' "$wanted" "$have" | sort -V | head -n 1) == "$wanted" ]]; then return; fi
	if [[ $(printf '%s\n' 1.21 "$have" | sort -V | head -n 1) == 1.21 ]]; then
		export GOTOOLCHAIN=auto
		return
	fi
	if [[ -x $unpacked/bin/go ]]; then go=$unpacked/bin/go; return; fi
	say "Go $have is too old: fetching Go $wanted as a module"
	archive=golang.org/toolchain@v0.0.1-go$wanted.linux-$("$go" env GOARCH)
	if ! answer=$(cd / && GOFLAGS=-mod=mod "$go" mod download -json "$archive") && [[ ! $answer ]]; then no_go "$wanted: no answer"; fi
	archive=$(sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p' <<<"$answer")
	[[ -d $archive ]] || no_go "$wanted was not to be had as a module: $(sed -n 's/^\t"Error": "\(.*\)".*/\1/p' <<<"$answer")"
	rm -rf "$unpacked.new"
	cp -r "$archive" "$unpacked.new"
	chmod -R u+w "$unpacked.new"
	# A module's files are not executable.
	chmod a+x "$unpacked.new"/bin/* "$unpacked.new"/pkg/tool/*/*
	rm -rf "$unpacked"
	mv "$unpacked.new" "$unpacked"
	go=$unpacked/bin/go
}

build() {
	local stamp started=$SECONDS
	mkdir -p "$bin"
	exec {building}>"$cache/build.lock"
	flock "$building"
	stamp=$(cd "$source_dir" && { cat go.mod go.sum ./*.go pause/*.go; printf '%s\n' "$kubernetes_version" "$containerd_version"; } | sha256sum)
	if [[ -f $bin/stamp && $(<"$bin/stamp") == "$stamp" ]]; then exec {building}>&-; return 0; fi
	find_go
	say "building Kubernetes $kubernetes_version (about six minutes when nothing of it is cached)"
	local version=k8s.io/component-base/version minor=${kubernetes_version#v1.}
	(
		cd "$source_dir"
		export CGO_ENABLED=0 GOFLAGS='-mod=readonly -trimpath -buildvcs=false'
		"$go" build -o "$bin/kube-parts" -ldflags "-s -w -X $version.gitVersion=$kubernetes_version -X $version.gitMajor=1 \
			-X $version.gitMinor=${minor%%.*} -X $version.gitTreeState=clean \
			-X k8s.io/client-go/pkg/version.gitVersion=$kubernetes_version" .
		"$go" build -o "$bin/pause" -ldflags '-s -w' ./pause
		"$go" build -o "$bin/" -tags 'no_btrfs no_devmapper no_zfs' \
			-ldflags "-s -w -X github.com/containerd/containerd/v2/version.Version=$containerd_version" \
			github.com/containerd/containerd/v2/cmd/{containerd,containerd-shim-runc-v2,ctr}
	)
	local part
	for part in etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy coredns kubectl helm; do
		ln -sfn kube-parts "$bin/$part"
	done
	printf '%s' "$stamp" >"$bin/stamp"
	exec {building}>&-
	say "built in $((SECONDS - started)) s"
}

# What a whole cluster needs beyond the built programs.
install_packages() {
	local missing=() pair
	for pair in runc:runc nft:nftables conntrack:conntrack ip:iproute2 openssl:openssl buildah:buildah; do
		command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
	done
	[[ -x /usr/lib/cni/bridge ]] || missing+=(containernetworking-plugins)
	((${#missing[@]})) || return 0
	say "installing ${missing[*]}"
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 2>&1 ||
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/dev/null
}
