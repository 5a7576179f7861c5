"""The chart of infra/k8s: what it renders fits the schemas, the code and itself."""

import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from jobs.commands.reviewing import policy_of
from jobs.interpreter import CORE, KIND_LABEL, PACKAGES
from tests.infra.chart import CHART, RELEASE, Refused, clusters, groups, lint, manifests, named, pods
from tests.infra.commands import given
from tests.infra.kuberay import SPECS
from tests.models.made import ROOT

JOBS = {
    "shots": {"recipe": 'sources = ["s3://corpus/raw"]\n', "until": "score", "activeSeconds": 3600},
    "all": {"recipe": 'sources = ["s3://corpus/more"]\n[split]\nmin_us = 500_000\n'},
}
EVERYTHING: dict[str, Any] = {
    "endpoint": "https://s3.example.org", "storageSecret": "keys", "modelSecret": "model", "pullSecrets": ["pull"],
    "serviceAccounts": {"nodes": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/lake"}},
    "jobs": JOBS,
    "review": {"metricsSecret": "metrics", "proxy": {"header": "X-Forwarded-User", "networks": ["10.0.0.0/8"]}},
    "network": {"monitoring": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}]},
    "groups": {"core-spot": {"nodeSelector": {"capacity": "spot"}, "tolerations": [{"operator": "Exists"}]}},
}  # fmt: skip


@pytest.mark.parametrize("values", [{}, EVERYTHING], ids=["as it is", "everything"])
def test_helm_has_nothing_against_it(values: dict[str, Any]) -> None:
    assert [one for one in lint(**values)["messages"] if one["severity"] > 1] == []


@pytest.mark.parametrize(
    ("values", "version"),  # of Kubernetes: the oldest that the chart takes, and the newest
    [(EVERYTHING, "1.29"), (EVERYTHING, "1.37"), ({}, "1.37")],
    ids=["everything-1.29", "everything-1.37", "as it is-1.37"],
)
def test_every_object_fits_its_schema(values: dict[str, Any], version: str) -> None:
    found = manifests(**values)
    assert {"Deployment", "Ingress", "NetworkPolicy", "RayCluster", "Service"} <= {one["kind"] for one in found}
    for one in found:
        if one["kind"] in SPECS:
            assert one["apiVersion"] == "ray.io/v1"
            jsonschema.validate(one["spec"], SPECS[one["kind"]])
        else:
            kubernetes_validate.validate(one, version, strict=True)
    for template in {json.dumps(group["template"]) for group in groups(found)}:
        pod = {"apiVersion": "v1", "kind": "Pod", **json.loads(template)}
        kubernetes_validate.validate(pod, version, strict=True)


def test_each_kind_of_worker_has_a_group_with_its_label_and_its_image() -> None:
    found = manifests()
    [cluster] = clusters(found)
    kinds = [group["labels"][KIND_LABEL] for group in cluster["workerGroupSpecs"]]
    assert set(kinds) == {CORE, *PACKAGES}
    for group in groups(found):
        kind = group["labels"][KIND_LABEL]
        assert group["template"]["metadata"]["labels"][KIND_LABEL] == kind
        assert group["template"]["spec"]["containers"][0]["image"].partition(":")[0].endswith(f"retold-{kind}")


def test_versions_are_those_of_the_project() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    images = yaml.safe_load((CHART / "values.yaml").read_text())["images"]
    assert (chart["version"], chart["appVersion"]) == (version, version)
    assert {image.rpartition(":")[2] for image in images.values()} == {version}
    locked = re.search(r"^ray==(\S+)", (ROOT / "infra/envs/core.lock").read_text(), re.MULTILINE)
    assert locked is not None
    assert {cluster["rayVersion"] for cluster in clusters(manifests(**EVERYTHING))} == {locked[1]}


def test_no_pod_may_more_than_it_needs() -> None:
    for pod in pods(manifests(**EVERYTHING)):
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        head = pod["metadata"]["labels"]["app.kubernetes.io/component"] == "head"
        assert spec["automountServiceAccountToken"] is head  # the autoscaler's
        for container in spec["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
            }  # fmt: skip
            assert container["resources"]["limits"] == container["resources"]["requests"]
            writable = {one["mountPath"] for one in container["volumeMounts"] if not one.get("readOnly")}
            assert writable <= {"/tmp", "/films"}  # noqa: S108
        assert all({"emptyDir", "configMap"} & set(volume) for volume in spec["volumes"])


def test_no_key_is_in_any_object() -> None:
    found = manifests(**EVERYTHING)
    assert not [one for one in found if one["kind"] == "Secret"]
    for pod in pods(found):
        for container in pod["spec"]["containers"]:
            given = {one["name"]: one for one in container["env"]}
            assert not {name for name, one in given.items() if "value" in one} & {
                "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "RETOLD_REVIEW_DATABASE", "RETOLD_MODEL_KEY",
            }  # fmt: skip
    [review] = [one for one in found if one["kind"] == "Deployment"]
    url = {one["name"]: one for one in review["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert url["RETOLD_REVIEW_DATABASE"]["valueFrom"]["secretKeyRef"] == {"name": "retold-review", "key": "url"}
    secrets = review["spec"]["template"]["spec"]["containers"][0]["envFrom"]
    assert [one["secretRef"]["name"] for one in secrets] == ["keys", "metrics"]
    assert all("envFrom" not in one for pod in pods(manifests()) for one in pod["spec"]["containers"])


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"images": {"core": "registry.example.org/retold-core:latest"}}, "images"),
        ({"images": {"core": "registry.example.org/retold-core"}}, "images"),
        ({"images": {"cpu": "registry.example.org/retold-core:1"}}, "cpu"),
        ({"lake": "/mnt/lake"}, "lake"),
        ({"lakes": "s3://corpus/lake"}, "lakes"),
        ({"groups": {"core-spot": {"kind": "gpu"}}}, "kind"),
        ({"groups": {"core-spot": {"replicas": 3}}}, "replicas"),
        ({"jobs": {"shots": {"until": "score"}}}, "recipe"),
        ({"review": {"proxy": {"header": "X-User"}}}, "networks"),
        ({"network": {"storage": []}}, "storage"),  # to Kubernetes, nobody in a list is everybody
    ],
    ids=lambda one: one if isinstance(one, str) else None,
)
def test_a_wrong_value_is_refused_by_name(values: dict[str, Any], says: str) -> None:
    with pytest.raises(Refused, match=says):
        manifests(**values)


def test_an_image_may_be_a_digest_and_a_group_may_be_taken_away() -> None:
    digest = "registry.example.org:5000/retold-core@sha256:" + "0" * 64
    [cluster] = clusters(manifests(images={"core": digest}, groups={"speech": None, "core-spot": {"maxReplicas": 99}}))
    by_name = {group["groupName"]: group for group in cluster["workerGroupSpecs"]}
    assert set(by_name) == {"core-spot", "core-ondemand", "models", "vllm"}
    assert by_name["core-spot"]["maxReplicas"] == 99
    assert by_name["core-spot"]["template"]["spec"]["containers"][0]["image"] == digest


def test_where_nodes_run_is_a_value() -> None:
    [standing, *_] = clusters(manifests(**EVERYTHING))
    by_name = {group["groupName"]: group for group in standing["workerGroupSpecs"]}
    assert by_name["core-spot"]["template"]["spec"]["nodeSelector"] == {"capacity": "spot"}
    assert by_name["core-spot"]["template"]["spec"]["tolerations"] == [{"operator": "Exists"}]
    assert "nodeSelector" not in by_name["core-ondemand"]["template"]["spec"]
    markets = {name: group["labels"]["ray.io/market-type"] for name, group in by_name.items()}
    assert (markets["core-spot"], markets["core-ondemand"]) == ("spot", "on-demand")
    assert by_name["vllm"]["template"]["spec"]["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == 1
    accounts = named("ServiceAccount", manifests(**EVERYTHING))
    assert accounts["nodes"]["metadata"]["annotations"] == {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/lake"}
    assert "annotations" not in accounts["review"]["metadata"]


def test_a_job_is_a_run_that_the_command_line_takes() -> None:
    found = manifests(jobs=JOBS)
    jobs = named("RayJob", found)
    assert [name.rpartition("-")[0] for name in jobs] == ["all", "shots"]
    for name, job in jobs.items():
        recipe = named("ConfigMap", found)[name]["data"]["recipe.toml"]
        assert tomllib.loads(recipe) == tomllib.loads(JOBS[name.rpartition("-")[0]]["recipe"])
        program, *words = shlex.split(job["spec"]["entrypoint"])
        assert (program, words[:3]) == ("python", ["-m", "jobs", "run"])
        params = given(["run"], words[3:])
        assert params["inputs"] == ["/etc/retold/recipe.toml"]
        assert params["lake"] == "s3://corpus/lake"
        head = job["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]
        assert {"name": "recipe", "configMap": {"name": f"{RELEASE}-{name}"}} in head["volumes"]
    assert jobs[next(name for name in jobs if name.startswith("shots"))]["spec"]["activeDeadlineSeconds"] == 3600


def test_a_changed_recipe_is_another_job() -> None:
    before = named("RayJob", manifests(jobs=JOBS))
    after = named("RayJob", manifests(jobs={**JOBS, "shots": {"recipe": 'sources = ["s3://corpus/other"]\n'}}))
    assert {name.rpartition("-")[0] for name in before.keys() ^ after.keys()} == {"shots"}
    assert any(name.startswith("all-") for name in before.keys() & after.keys())


def test_a_cluster_stands_only_if_it_is_asked_for() -> None:
    assert named("RayCluster", manifests(cluster=False)) == {}
    assert not [one for one in manifests(review={"enabled": False}) if one["metadata"]["name"] == f"{RELEASE}-review"
                and one["kind"] != "ServiceAccount"]  # fmt: skip


def test_the_policy_of_the_page_is_one(tmp_path: Path) -> None:
    def policy(**values: Any) -> Any:
        path = tmp_path / "policy.toml"
        path.write_text(named("ConfigMap", manifests(**values))["review"]["data"]["policy.toml"])
        return policy_of(path)

    assert policy().secure
    assert policy().proxy is None
    proxy = policy(**EVERYTHING).proxy
    assert proxy.header == "X-Forwarded-User"
    assert [str(network) for network in proxy.networks] == ["10.0.0.0/8"]


def test_the_page_is_served_as_the_command_line_takes_it() -> None:
    [review] = [one for one in manifests() if one["kind"] == "Deployment"]
    container = review["spec"]["template"]["spec"]["containers"][0]
    program, group, command, *words = container["command"]
    params = given([group, command], words)
    assert program == "retold"
    assert params["port"] == container["ports"][0]["containerPort"]
    mounted = {one["mountPath"] for one in container["volumeMounts"]}
    assert {str(params["cache"]), str(params["policy"].parent)} < mounted


def test_those_who_read_metrics_reach_nothing_else() -> None:
    def ports(peer: dict[str, Any]) -> dict[str, list[int]]:
        policies = named("NetworkPolicy", manifests(**EVERYTHING))
        return {
            name: [port["port"] for port in rule["ports"]]
            for name, one in policies.items()
            for rule in one["spec"].get("ingress", ())
            if peer in rule["from"]
        }

    assert ports(EVERYTHING["network"]["monitoring"][0]) == {"nodes": [8080], "review": [8800]}


def test_only_the_core_reaches_the_web_and_nobody_a_private_address() -> None:
    policies = named("NetworkPolicy", manifests())
    assert policies["fetch"]["spec"]["podSelector"]["matchLabels"][KIND_LABEL] == CORE
    for name in ("fetch", "nodes"):
        for rule in policies[name]["spec"]["egress"]:
            for peer in rule["to"]:
                if block := peer.get("ipBlock"):
                    assert {"10.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"} <= set(block["except"])
    ports = {port["port"] for rule in policies["nodes"]["spec"]["egress"] for port in rule.get("ports", ())}
    assert ports == {53, 443}
    everyone = [rule for one in policies.values() for rule in one["spec"].get("ingress", ())]
    everyone += [rule for one in policies.values() for rule in one["spec"].get("egress", ())]
    assert all(rule.get("from") or rule.get("to") for rule in everyone)
    covered = {one["metadata"]["labels"]["app.kubernetes.io/component"] for one in pods(manifests())}
    assert covered == {"head", "worker", "review"}
