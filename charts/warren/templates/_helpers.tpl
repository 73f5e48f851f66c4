{{- define "warren.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* At most 45 characters: names of pods and revisions are made of it. */}}
{{- define "warren.fullname" -}}
{{- $name := include "warren.name" . -}}
{{- $full := default (ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name)) .Values.fullnameOverride -}}
{{- $full = $full | trunc 45 | trimSuffix "-" -}}
{{- /* That of a Service, which is a label in DNS, and in the node names. */}}
{{- if and .Values.rabbitmq.enabled (not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $full)) -}}
{{- fail (printf "%q cannot be the name of a Service: fullnameOverride can be one of lower case letters, digits and -, which begins with a letter" $full) -}}
{{- end -}}
{{- $full -}}
{{- end -}}

{{/* What a Service finds the brokers by; it cannot change. */}}
{{- define "warren.selectorLabels" -}}
app.kubernetes.io/name: {{ include "warren.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: rabbitmq
{{- end -}}

{{/*
Labels and annotations of an object: (list ROOT [ANNOTATIONS [LABELS]]). Not for pods, which a new version of the
chart must not restart. What the chart sets wins over what the values add.
*/}}
{{- define "warren.metadata" -}}
{{- $root := first . -}}
{{- $more := concat . (list (dict) (dict)) -}}
{{- $labels := dict "helm.sh/chart" (printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_")
  "app.kubernetes.io/name" (include "warren.name" $root) "app.kubernetes.io/instance" $root.Release.Name
  "app.kubernetes.io/version" $root.Chart.AppVersion "app.kubernetes.io/managed-by" $root.Release.Service -}}
labels:
  {{- toYaml (merge $labels (index $more 2) $root.Values.commonLabels) | nindent 2 }}
{{- with merge (dict) (index $more 1) $root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "warren.serviceAccount" -}}
{{- if .Values.rabbitmq.enabled -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "warren.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.name: the service account that is there already, for serviceAccount.create=false" .Values.serviceAccount.name -}}
{{- end -}}
{{- else -}}
{{- required "existing.serviceAccount: the service account of the StatefulSet" .Values.existing.serviceAccount -}}
{{- end -}}
{{- end -}}

{{/* The StatefulSet whose brokers these are, and the headless Service that names them. */}}
{{- define "warren.statefulSet" -}}
{{- if .Values.rabbitmq.enabled }}{{ include "warren.fullname" . }}{{ else }}{{ required "existing.statefulSet: the name of the StatefulSet" .Values.existing.statefulSet }}{{ end -}}
{{- end -}}

{{- define "warren.service" -}}
{{- if .Values.rabbitmq.enabled }}{{ include "warren.fullname" . }}{{ else }}{{ required "existing.service: the headless Service of the StatefulSet" .Values.existing.service }}{{ end -}}
{{- end -}}

{{- define "warren.image" -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}{{ with .Values.image.digest }}@{{ . }}{{ end }}
{{- end -}}

{{- define "warren.brokerImage" -}}
{{- $image := .Values.rabbitmq.image -}}
{{ $image.repository }}:{{ $image.tag }}{{ with $image.digest }}@{{ . }}{{ end }}
{{- end -}}

{{- define "warren.cookieSecret" -}}
{{ default (printf "%s-erlang-cookie" (include "warren.fullname" .)) .Values.rabbitmq.erlangCookie.existingSecret }}
{{- end -}}

{{/* The chart's own Secret has one key, whatever the values say: a new key would be a new cookie. */}}
{{- define "warren.cookieKey" -}}
{{ ternary .Values.rabbitmq.erlangCookie.key "erlang-cookie" (ne .Values.rabbitmq.erlangCookie.existingSecret "") }}
{{- end -}}

{{- define "warren.userSecret" -}}
{{ default (printf "%s-default-user" (include "warren.fullname" .)) .Values.rabbitmq.defaultUser.existingSecret }}
{{- end -}}

{{/* The ports for clients that the values open: name, number. One line each. Those for metrics begin with "prometheus". */}}
{{- define "warren.clientPorts" -}}
{{- $r := .Values.rabbitmq }}
{{- $ports := list (list true "amqp" 5672 "amqps" 5671) (list (has "rabbitmq_management" $r.plugins) "management" 15672 "management-tls" 15671)
  (list (has "rabbitmq_prometheus" $r.plugins) "prometheus" 15692 "prometheus-tls" 15691) (list $r.stream.enabled "stream" 5552 "stream-tls" 5551)
  (list $r.mqtt.enabled "mqtt" 1883 "mqtts" 8883) (list $r.stomp.enabled "stomp" 61613 "stomp-tls" 61614) }}
{{- range $ports }}
{{- if index . 0 }}
{{- if not (and $r.tls.existingSecret $r.tls.only) }}
{{ index . 1 }}: {{ index . 2 }}
{{- end }}
{{- if $r.tls.existingSecret }}
{{ index . 3 }}: {{ index . 4 }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "warren.restricted" -}}
readOnlyRootFilesystem: true
allowPrivilegeEscalation: false
capabilities: {drop: [ALL]}
{{- end -}}
