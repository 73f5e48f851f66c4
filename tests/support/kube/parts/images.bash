# Images: OCI archives made and loaded without a registry. Used by ../kube.

# An OCI archive of one layer. CONFIG is the "config" object of an image configuration (Env, Entrypoint, User, ...).
pack() { # LAYER.tar CONFIG IMAGE ARCHIVE
	local layer=$1 config=$2 image=$3 out=$4 work sum
	work=$(mktemp -d "$(dirname "$out")/.pack.XXXXXX")
	mkdir -p "$work/blobs/sha256"
	blob() {
		local sum
		sum=$(sha256sum <"$1")
		mv "$1" "$work/blobs/sha256/${sum%% *}"
		printf '"digest":"sha256:%s","size":%s' "${sum%% *}" "$(stat -c %s "$work/blobs/sha256/${sum%% *}")"
	}
	cp --reflink=auto "$layer" "$work/layer"
	sum=$(sha256sum <"$layer")
	printf '{"architecture":"%s","os":"linux","config":%s,"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
		"$(dpkg --print-architecture)" "$(<"$config")" "${sum%% *}" >"$work/config"
	printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json",%s},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar",%s}]}' \
		"$(blob "$work/config")" "$(blob "$work/layer")" >"$work/manifest"
	printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",%s,"annotations":{"io.containerd.image.name":"%s"}}]}' \
		"$(blob "$work/manifest")" "$image" >"$work/index.json"
	printf '{"imageLayoutVersion":"1.0.0"}' >"$work/oci-layout"
	tar -C "$work" -cf "$out" oci-layout index.json blobs
	rm -rf "$work"
}

pause_image() {
	ctr image ls -q | grep -qxF "$pause" && return 0
	tar -C "$bin" --owner=0 --group=0 -cf "$state/pause.layer" pause
	printf '{"Entrypoint":["/pause"]}' >"$state/pause.config"
	pack "$state/pause.layer" "$state/pause.config" "$pause" "$state/pause.tar"
	ctr image import "$state/pause.tar" >/dev/null
	rm -f "$state"/pause.{layer,config,tar}
}

# A pod's short image name means a full one to kubelet: that is the one the image gets.
load() {
	use_named
	local file=${1:?an archive} index name full
	[[ -f $file ]] && index=$(tar -xOf "$file" index.json 2>/dev/null) || die "$file: not an OCI archive"
	name=$(grep -oE '"(io.containerd.image|org.opencontainers.image.ref).name": *"[^"]*"' <<<"$index" | head -n 1 | cut -d'"' -f4) || :
	[[ ${2:-$name} ]] || die "$file: has no name in it; give one"
	full=$("$bin/kube-parts" image-name "${2:-$name}")
	ctr image import --index-name "$full" "$file" >/dev/null
	[[ -z $name || $name == "$full" ]] || ctr image rm "$name" >/dev/null 2>&1 || :
	printf '%s\n' "$full"
}
