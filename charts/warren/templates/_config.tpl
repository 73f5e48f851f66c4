{{/* The broker's configuration. Its checksum is in the pods, so a change of it restarts them. */}}
{{- define "warren.config" -}}
rabbitmq.conf: |
  {{- include "warren.rabbitmqConf" . | nindent 2 }}
enabled_plugins: |
  {{- include "warren.enabledPlugins" . | nindent 2 }}
{{- with .Values.rabbitmq.advancedConfig }}
advanced.config: |
  {{- . | trim | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "warren.enabledPlugins" -}}
{{- $r := .Values.rabbitmq }}
{{- $plugins := append $r.plugins "rabbitmq_peer_discovery_k8s" }}
{{- if $r.stream.enabled }}{{ $plugins = append $plugins "rabbitmq_stream" }}{{ end }}
{{- if $r.mqtt.enabled }}{{ $plugins = append $plugins "rabbitmq_mqtt" }}{{ end }}
{{- if $r.stomp.enabled }}{{ $plugins = append $plugins "rabbitmq_stomp" }}{{ end -}}
[{{ $plugins | uniq | join "," }}].
{{- end -}}

{{- define "warren.rabbitmqConf" -}}
{{- $r := .Values.rabbitmq -}}
cluster_name = {{ include "warren.fullname" . }}
log.console = true
vm_memory_high_watermark.relative = {{ $r.memoryHighWatermark }}
disk_free_limit.absolute = {{ $r.diskFreeLimit }}
{{- if has "rabbitmq_management" $r.plugins }}
# Docker's image without -management turns it off, and the management pages are empty then.
management_agent.disable_metrics_collector = false
{{- end }}
{{- with $r.partitionHandling }}
cluster_partition_handling = {{ . }}
{{- end }}
{{- if $r.definitions.existingSecret }}
load_definitions = /definitions/{{ $r.definitions.key }}
{{- end }}
{{- if $r.tls.existingSecret }}
{{- include "warren.tlsConf" . }}
{{- end }}
{{- with $r.extraConfig }}
{{ trim . }}
{{- end }}
{{- end -}}

{{- define "warren.tlsConf" }}
{{- $r := .Values.rabbitmq }}
{{- $management := has "rabbitmq_management" $r.plugins }}
{{- $prometheus := has "rabbitmq_prometheus" $r.plugins }}
listeners.ssl.default = 5671
ssl_options.certfile = /tls/tls.crt
ssl_options.keyfile = /tls/tls.key
{{- if $r.tls.verifyClients }}
ssl_options.cacertfile = /tls/ca.crt
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = true
{{- end }}
{{- if $management }}
management.ssl.port = 15671
management.ssl.certfile = /tls/tls.crt
management.ssl.keyfile = /tls/tls.key
{{- end }}
{{- if $prometheus }}
prometheus.ssl.port = 15691
prometheus.ssl.certfile = /tls/tls.crt
prometheus.ssl.keyfile = /tls/tls.key
{{- end }}
{{- if $r.stream.enabled }}
stream.listeners.ssl.default = 5551
{{- end }}
{{- if $r.mqtt.enabled }}
mqtt.listeners.ssl.default = 8883
{{- end }}
{{- if $r.stomp.enabled }}
stomp.listeners.ssl.default = 61614
{{- end }}
{{- if $r.tls.only }}
listeners.tcp = none
{{- if $prometheus }}
# This port is there whatever is configured: it is left to the pod itself.
prometheus.tcp.ip = 127.0.0.1
prometheus.tcp.port = 15692
{{- end }}
{{- if $r.stream.enabled }}
stream.listeners.tcp = none
{{- end }}
{{- if $r.mqtt.enabled }}
mqtt.listeners.tcp = none
{{- end }}
{{- if $r.stomp.enabled }}
stomp.listeners.tcp = none
{{- end }}
{{- else }}
{{- if $management }}
management.tcp.port = 15672
{{- end }}
{{- if $prometheus }}
prometheus.tcp.port = 15692
{{- end }}
{{- end }}
{{- end -}}
