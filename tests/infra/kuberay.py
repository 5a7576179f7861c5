"""What of KubeRay's objects the chart uses, as a JSON schema: no package carries KubeRay's own.

Fields and their values are those of the API reference of ray.io/v1 (KubeRay 1.5.1 and later). Templates of pods are
Kubernetes' own, and held against its schema.
"""

from typing import Any

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string", "minLength": 1}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_TEXTS: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
_POD: Schema = {"type": "object", "required": ["metadata", "spec"]}


def _object(required: dict[str, Schema], **optional: Schema) -> Schema:
    fields = {**required, **optional}
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": fields}


_HEAD = _object({"rayStartParams": _TEXTS, "template": _POD}, labels=_TEXTS)
_GROUP = _object(
    {
        "groupName": _TEXT, "replicas": _COUNT, "minReplicas": _COUNT, "maxReplicas": _COUNT, "rayStartParams": _TEXTS,
        "template": _POD,
    },
    labels=_TEXTS,
)  # fmt: skip
_AUTOSCALER = _object(
    {},
    version={"enum": ["v1", "v2"]},
    upscalingMode={"enum": ["Default", "Aggressive", "Conservative"]},
    idleTimeoutSeconds=_COUNT,
    securityContext={"type": "object"},
)
CLUSTER = _object(
    {
        "rayVersion": _TEXT,
        "headGroupSpec": _HEAD,
        "workerGroupSpecs": {"type": "array", "minItems": 1, "items": _GROUP},
    },
    authOptions=_object({"mode": {"enum": ["disabled", "token"]}}),
    enableInTreeAutoscaling={"type": "boolean"},
    autoscalerOptions=_AUTOSCALER,
)
JOB = _object(
    {"entrypoint": _TEXT, "rayClusterSpec": CLUSTER},
    submissionMode={"enum": ["K8sJobMode", "HTTPMode", "SidecarMode", "InteractiveMode"]},
    shutdownAfterJobFinishes={"type": "boolean"},
    ttlSecondsAfterFinished=_COUNT,
    backoffLimit=_COUNT,
    activeDeadlineSeconds=_COUNT,
)
SPECS: dict[str, Schema] = {"RayCluster": CLUSTER, "RayJob": JOB}
"""The schema of `spec`, by kind."""
