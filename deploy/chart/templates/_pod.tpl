{{/* The pod of a role. Takes a dict: root, role, values. */}}
{{- define "hunt.pod" -}}
{{- $root := .root }}
{{- $role := .role }}
{{- $values := .values }}
{{- $isGateway := eq $role "gateway" }}
{{- $port := ternary "http" "internal" $isGateway }}
{{- $scheme := include "hunt.probeScheme" . | trim }}
metadata:
  labels:
    {{- include "hunt.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ $role }}
  annotations:
    # A change of the files starts the pods anew, a few at a time.
    checksum/cluster: {{ include "hunt.clusterFile" $root | sha256sum }}
    checksum/settings: {{ include "hunt.settingsFile" $root | sha256sum }}
    {{- with $values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "hunt.name" $root }}
  automountServiceAccountToken: false
  # Else the Service of the gateways becomes variables that begin with HUNT_GATEWAY_, as settings do.
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    seccompProfile: { type: RuntimeDefault }
  {{- with $root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  topologySpreadConstraints:
    {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "hunt.selector" $root | nindent 10 }}
          app.kubernetes.io/component: {{ $role }}
    {{- end }}
  {{- with $values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  initContainers:
    # The node keeps more files beside its secret, and a mounted Secret cannot be written to.
    - name: secret
      image: {{ include "hunt.image" $root | quote }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      workingDir: /run/secrets/hunt
      command:
        - /bin/sh
        - -ec
        - |
          install -m 0600 secret /var/lib/hunt/secret
          if [ -e organiser.key ]; then install -m 0600 organiser.key /var/lib/hunt/organiser.key; fi
      resources:
        requests: { cpu: 10m, memory: 16Mi }
        limits: { memory: 64Mi }
      securityContext: {{- include "hunt.containerSecurity" . | nindent 8 }}
      volumeMounts:
        - { name: secret, mountPath: /run/secrets/hunt, readOnly: true }
        - { name: state, mountPath: /var/lib/hunt }
  containers:
    - name: hunt
      image: {{ include "hunt.image" $root | quote }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args:
        - serve
        - --cluster=/etc/hunt/cluster.yaml
        - --config=/etc/hunt/settings.yaml
        - --node=$(POD_NAME)
        - --address=$(POD_IP):7300
        {{- if eq $root.Values.zoneFrom "machine" }}
        - --zone=$(MACHINE)
        {{- end }}
        - --roles={{ $role }}
        - --log={{ $root.Values.logLevel }}
        {{- if $isGateway }}
        - --host=0.0.0.0
        - --port=8080
        {{- end }}
      env:
        - { name: POD_NAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
        - { name: POD_IP, valueFrom: { fieldRef: { fieldPath: status.podIP } } }
        - { name: MACHINE, valueFrom: { fieldRef: { fieldPath: spec.nodeName } } }
        {{- if not (hasKey $root.Values.cluster "cores") }}
        {{- with include "hunt.requestedCores" $values | trim }}
        # Else a node that uses all that its pod asked for looks idle on a large machine.
        - { name: HUNT_NODE_CORES, value: {{ . | quote }} }
        {{- end }}
        {{- end }}
      ports:
        - { name: internal, containerPort: 7300 }
        {{- if $isGateway }}
        - { name: http, containerPort: 8080 }
        {{- end }}
      # A node that starts waits for Kafka, for ten minutes here.
      startupProbe:
        httpGet: { path: /healthz, port: {{ $port }}{{ with $scheme }}, scheme: {{ . }}{{ end }} }
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 120
      # It tells of a process that answers nobody. What is impaired is alive: starting it anew would not help.
      livenessProbe:
        httpGet: { path: /healthz, port: {{ $port }}{{ with $scheme }}, scheme: {{ . }}{{ end }} }
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: { path: /readyz, port: {{ $port }}{{ with $scheme }}, scheme: {{ . }}{{ end }} }
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 2
      {{- if and $isGateway (gt (int $root.Values.drainSeconds) 0) }}
      # Load balancers hear that the pod goes before it does. Other roles hand over when they are asked to stop.
      lifecycle:
        preStop:
          sleep: { seconds: {{ $root.Values.drainSeconds }} }
      {{- end }}
      resources: {{- toYaml $values.resources | nindent 8 }}
      securityContext: {{- include "hunt.containerSecurity" . | nindent 8 }}
      volumeMounts:
        - { name: config, mountPath: /etc/hunt, readOnly: true }
        - { name: secret, mountPath: /run/secrets/hunt, readOnly: true }
        - { name: state, mountPath: /var/lib/hunt }
        - { name: tmp, mountPath: /tmp }
  volumes:
    - name: config
      configMap: { name: {{ include "hunt.name" $root }} }
    - name: secret
      secret: { secretName: {{ $root.Values.secretName }}, defaultMode: 0440 }
    # All that lasts is in the servers.
    - name: state
      emptyDir: { medium: Memory, sizeLimit: 16Mi }
    - name: tmp
      emptyDir: { sizeLimit: 256Mi }
{{- end }}

{{- define "hunt.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}
