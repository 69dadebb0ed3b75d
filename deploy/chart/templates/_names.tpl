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
What a pod of the role asks for, in cores: of "500m" 0.5. Where it says only what it may have at most, Kubernetes has it ask for
that. Nothing where it asks for none. The downward API would say whole cores, rounded up, or thousandths, which node.cores does
not read; nor does it read .5 or 5e-1, which Kubernetes does.
*/}}
{{- define "hunt.requestedCores" -}}
{{- $resources := .resources | default dict }}
{{- $cpu := ($resources.requests | default dict).cpu }}
{{- if kindIs "invalid" $cpu }}{{ $cpu = ($resources.limits | default dict).cpu }}{{ end }}
{{- if not (kindIs "invalid" $cpu) }}
{{- $text := toString $cpu }}
{{- $unit := regexFind "[num]$" $text }}
{{- $cores := divf (trimSuffix $unit $text) (get (dict "" 1 "m" 1000 "u" 1000000 "n" 1000000000) $unit) }}
{{ regexReplaceAll "[.]?0+$" (printf "%.9f" $cores) "" }}
{{- end }}
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
