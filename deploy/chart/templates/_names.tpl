{{/* What every object of a release is named after. */}}
{{- define "hunt.name" -}}
{{- if eq .Release.Name "hunt" }}hunt{{ else }}{{ printf "%s-hunt" .Release.Name }}{{ end }}
{{- end }}

{{- define "hunt.selector" -}}
app.kubernetes.io/name: hunt
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "hunt.labels" -}}
{{ include "hunt.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "hunt.image" -}}
{{- with .Values.image -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{/* Replicas that a role has at least, whoever says so. */}}
{{- define "hunt.least" -}}
{{- $scaling := .autoscaling | default dict -}}
{{- if ne ($scaling.kind | default "none") "none" }}{{ $scaling.min }}{{ else }}{{ .replicas }}{{ end }}
{{- end }}

{{/* Replicas that a role has at most. */}}
{{- define "hunt.most" -}}
{{- $scaling := .autoscaling | default dict -}}
{{- if ne ($scaling.kind | default "none") "none" }}{{ $scaling.max }}{{ else }}{{ .replicas }}{{ end }}
{{- end }}

{{/*
What a pod of the role asks for, in cores: of "500m" 0.5. Nothing where it asks for none. The downward API would say whole
cores, rounded up, or thousandths, which node.cores does not read.
*/}}
{{- define "hunt.requestedCores" -}}
{{- $cpu := ((.resources | default dict).requests | default dict).cpu | default "" | toString }}
{{- if hasSuffix "m" $cpu }}{{ divf (trimSuffix "m" $cpu) 1000 }}{{ else }}{{ $cpu }}{{ end }}
{{- end }}

{{/* The section tls of what nodes ask each other, where they encrypt. */}}
{{- define "hunt.nodesTls" -}}
{{- with (.Values.cluster.nodes | default dict).tls }}{{ if .enabled }}{{ toYaml . }}{{ end }}{{ end }}
{{- end }}

{{/* How a pod of the role is asked how it is. Takes a dict: root, role. */}}
{{- define "hunt.probeScheme" -}}
{{- $gatewayTls := (.root.Values.settings.gateway | default dict).tls | default dict }}
{{- if eq .role "gateway" }}
{{- ternary "HTTPS" "" (not (empty $gatewayTls.cert)) }}
{{- else }}
{{- ternary "" "HTTPS" (empty (include "hunt.nodesTls" .root)) }}
{{- end }}
{{- end }}

{{- define "hunt.clusterFile" -}}
{{- toYaml (merge (dict "secrets" "/var/lib/hunt") .Values.cluster) }}
{{- end }}

{{- define "hunt.settingsFile" -}}
{{- toYaml .Values.settings }}
{{- end }}
