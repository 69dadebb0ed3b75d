{{/*
What a schema cannot say. Each error has an id; docs/deploy.md explains all of them, and a test
compares the two.
*/}}
{{- define "hunt.checks" -}}
{{- if not .Values.secretName }}
{{- fail "hunt-chart-secret-missing: no Secret is named. Make one as docs/deploy.md shows, and set secretName to its name." }}
{{- end }}
{{- if gt (len (include "hunt.name" .)) 40 }}
{{- fail (printf "hunt-chart-name-too-long: the release %q has more than 35 characters, so names of pods would be cut. Choose a shorter one." .Release.Name) }}
{{- end }}
{{- with .Values.cluster }}
{{- range $key, $addresses := dict "kafka.bootstrap" .kafka.bootstrap "zookeeper.connect" .zookeeper.connect "redis.addresses" .redis.addresses "cassandra.contactPoints" .cassandra.contactPoints }}
{{- if not $addresses }}
{{- fail (printf "hunt-chart-servers-missing: cluster.%s names no server. Set it to a list of host:port." $key) }}
{{- end }}
{{- end }}
{{- if or (not .cassandra.dataCenter) (not .cassandra.replication) }}
{{- fail "hunt-chart-replication-missing: it is not said how Cassandra keeps copies. Set cluster.cassandra.dataCenter, and .replication, such as { class: NetworkTopologyStrategy, dc1: 3 }." }}
{{- end }}
{{- $replication := .kafka.replication | default 3 | int }}
{{- $minInSync := .kafka.minInSync | default (min 2 $replication) | int }}
{{- if gt $minInSync $replication }}
{{- fail (printf "hunt-chart-in-sync-above-copies: cluster.kafka.minInSync is %d, but there are only %d copies. Lower it, or raise cluster.kafka.replication." $minInSync $replication) }}
{{- end }}
{{- end }}
{{- $partitions := .Values.cluster.partitions | int }}
{{- range $role, $values := .Values.roles }}
{{- $least := include "hunt.least" $values | int }}
{{- $most := include "hunt.most" $values | int }}
{{- if lt $least 1 }}
{{- fail (printf "hunt-chart-role-without-replicas: no %s would run, and no game goes on without it. Set roles.%s.replicas to 1 or more." $role $role) }}
{{- end }}
{{- if gt $least $most }}
{{- fail (printf "hunt-chart-autoscaling-range: roles.%s.autoscaling.min is %d, above max, which is %d. Lower min or raise max." $role $least $most) }}
{{- end }}
{{- if and (has $role (list "processor" "views" "archiver")) (gt $most $partitions) }}
{{- fail (printf "hunt-chart-replicas-above-partitions: up to %d of %s, but there are %d partitions, and each is done by one. Lower roles.%s.replicas or .autoscaling.max; cluster.partitions can be chosen for a new cluster only." $most $role $partitions $role) }}
{{- end }}
{{- $drain := 5 }}
{{- if eq $role "gateway" }}{{ $drain = add 15 $.Values.drainSeconds | int }}{{ end }}
{{- if lt (int $values.terminationGracePeriodSeconds) $drain }}
{{- fail (printf "hunt-chart-grace-too-short: roles.%s.terminationGracePeriodSeconds is %d, but stopping cleanly takes up to %d. Raise it%s." $role (int $values.terminationGracePeriodSeconds) $drain (ternary ", or lower drainSeconds" "" (eq $role "gateway"))) }}
{{- end }}
{{- $scaling := $values.autoscaling | default dict }}
{{- if and (eq ($scaling.kind | default "none") "keda") (not $.Values.keda.prometheusUrl) }}
{{- fail (printf "hunt-chart-keda-without-prometheus: roles.%s is scaled by KEDA, which is told no Prometheus. Set keda.prometheusUrl, or roles.%s.autoscaling.kind to hpa." $role $role) }}
{{- end }}
{{- end }}
{{- with include "hunt.nodesTls" . | fromYaml }}
{{- if or (not .ca) (not .cert) (not .key) (not .serverName) }}
{{- fail "hunt-chart-nodes-tls-incomplete: nodes encrypt, but cluster.nodes.tls lacks ca, cert, key or serverName. Set all of them: nodes are called by addresses of pods, so one certificate is for a name that is said." }}
{{- end }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) }}
{{- fail "hunt-chart-ingress-without-host: the ingress has no host. Set ingress.host, or ingress.enabled to false." }}
{{- end }}
{{- end }}
