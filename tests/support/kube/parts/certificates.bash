# Certificates and kubeconfig files. Used by ../kube; $server is the API server's URL.
# They are a day old where `faketime` is installed, so that they hold for clients whose clock is behind.
command -v faketime >/dev/null && older=(faketime -f -1d) || older=()

certificate() { # NAME SUBJECT [ALTERNATIVE-NAMES]
	local name=$1 subject=$2 names=${3:-}
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$pki/$name.key" -subj "$subject" 2>/dev/null |
		"${older[@]}" openssl x509 -req -days 3650 -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -CAcreateserial -out "$pki/$name.crt" \
			-extfile <(printf 'keyUsage=digitalSignature\nextendedKeyUsage=clientAuth,serverAuth\n'; [[ -z $names ]] || printf 'subjectAltName=%s\n' "$names") 2>/dev/null
}

kubeconfig() { # FILE CERTIFICATE
	cat >"$1" <<-END
		apiVersion: v1
		kind: Config
		clusters: [{name: warren, cluster: {server: "$server", certificate-authority-data: $(base64 -w0 "$pki/ca.crt")}}]
		users: [{name: $2, user: {client-certificate-data: $(base64 -w0 "$pki/$2.crt"), client-key-data: $(base64 -w0 "$pki/$2.key")}}]
		contexts: [{name: warren, context: {cluster: warren, user: $2}}]
		current-context: warren
	END
	chmod 600 "$1"
}

# The authority, the API server's and the administrator's: all that a control plane needs.
certificates() {
	mkdir -p "$pki"
	"${older[@]}" openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=warren-kube \
		-addext keyUsage=critical,keyCertSign,cRLSign,digitalSignature -keyout "$pki/ca.key" -out "$pki/ca.crt" 2>/dev/null
	openssl genrsa -out "$pki/sa.key" 2048 2>/dev/null
	openssl rsa -in "$pki/sa.key" -pubout -out "$pki/sa.pub" 2>/dev/null
	certificate apiserver /CN=kube-apiserver "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.$domain,DNS:localhost,IP:$first_service,IP:$address,IP:127.0.0.1"
	certificate admin /O=system:masters/CN=admin
	kubeconfig "$state/kubeconfig" admin
}

node_certificates() {
	certificate kubelet-server "/CN=system:node:$node/O=system:nodes" "DNS:$node,IP:$address"
	certificate controller-manager /CN=system:kube-controller-manager
	certificate scheduler /CN=system:kube-scheduler
	certificate proxy /CN=system:kube-proxy
	certificate node "/O=system:nodes/CN=system:node:$node"
	local name
	for name in controller-manager scheduler proxy node; do kubeconfig "$state/$name.kubeconfig" $name; done
}
