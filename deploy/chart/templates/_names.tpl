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

{{- define "hunt.clusterFile" -}}
{{- toYaml (merge (dict "secrets" "/var/lib/hunt") .Values.cluster) }}
{{- end }}

{{- define "hunt.settingsFile" -}}
{{- toYaml .Values.settings }}
{{- end }}
