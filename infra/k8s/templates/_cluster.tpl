{{- /* The pod of a node of Ray. Takes root, component, kind, node (resources, nodeSelector, tolerations), recipe (a ConfigMap, or nil). */}}
{{- define "retold.node" -}}
metadata:
  labels:
    {{- include "retold.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
    retold-kind: {{ .kind }}
spec:
  serviceAccountName: {{ .root.Release.Name }}-nodes
  automountServiceAccountToken: {{ eq .component "head" }}
  enableServiceLinks: false
  terminationGracePeriodSeconds: 90
  {{- include "retold.pullSecrets" .root | nindent 2 }}
  securityContext:
    {{- include "retold.podSecurity" .root | nindent 4 }}
  {{- with .node.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .node.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: ray
      image: {{ index .root.Values.images .kind }}
      imagePullPolicy: IfNotPresent
      env:
        {{- include "retold.environment" .root | nindent 8 }}
      {{- include "retold.secrets" (list .root.Values.storageSecret .root.Values.modelSecret) | nindent 6 }}
      resources:
        requests:
          {{- toYaml .node.resources | nindent 10 }}
        limits:
          {{- toYaml .node.resources | nindent 10 }}
      securityContext:
        {{- include "retold.containerSecurity" .root | nindent 8 }}
      lifecycle:
        preStop:
          exec: {command: [ray, stop]}
      volumeMounts:
        - {name: scratch, mountPath: /tmp}
        {{- if .recipe }}
        - {name: recipe, mountPath: /etc/retold, readOnly: true}
        {{- end }}
  volumes:
    - name: scratch
      emptyDir: {sizeLimit: {{ .root.Values.scratch }}}
    {{- if .recipe }}
    - name: recipe
      configMap: {name: {{ .recipe }}}
    {{- end }}
{{- end }}

{{- /* The specification of a cluster. Takes root and recipe: the name of a ConfigMap for its head, or nil. */}}
{{- define "retold.cluster" -}}
rayVersion: {{ .root.Values.rayVersion }}
authOptions: {mode: token}
enableInTreeAutoscaling: true
autoscalerOptions:
  version: v2
  upscalingMode: Default
  idleTimeoutSeconds: {{ .root.Values.idleSeconds }}
  securityContext:
    {{- include "retold.containerSecurity" .root | nindent 4 }}
headGroupSpec:
  labels: {retold-kind: core}
  rayStartParams: {num-cpus: "0", dashboard-host: 0.0.0.0}
  template:
    {{- include "retold.node" (dict "root" .root "component" "head" "kind" "core" "node" .root.Values.head "recipe" .recipe) | nindent 4 }}
workerGroupSpecs:
  {{- range $name, $group := .root.Values.groups }}
  {{- if $group }}
  - groupName: {{ $name }}
    replicas: {{ $group.minReplicas }}
    minReplicas: {{ $group.minReplicas }}
    maxReplicas: {{ $group.maxReplicas }}
    labels: {retold-kind: {{ $group.kind }}, ray.io/market-type: {{ $group.market }}}
    rayStartParams: {}
    template:
      {{- include "retold.node" (dict "root" $.root "component" "worker" "kind" $group.kind "node" $group "recipe" nil) | nindent 6 }}
  {{- end }}
  {{- end }}
{{- end }}
