"""What stands in deploy/ is true: variables that the settings know, limits that hold, and systemd's own judgement of the unit."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapter.cli.files import shipped_mappings
from adapter.settings.environment import read
from tests.cli.program import ENVIRONMENT

ROOT = Path(__file__).parent.parent.parent
UNIT = ROOT / "deploy" / "scim-adapter.service"
MOST_EXPOSED = 12
"""In tenths, of systemd's scale from 0 to 10; below 20 it says OK."""
SECRET = "a-secret-of-more-than-thirty-two-characters"
USER = 65532


def _set(unit: str, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", unit, re.MULTILINE)


def _held(folder: Path, environment: dict[str, str]) -> dict[str, str]:
    """Return the environment with every file of a secret there."""
    for name, value in list(environment.items()):
        if name.endswith("_FILE"):
            file = folder / Path(value).name
            file.write_text(SECRET)
            environment[name] = str(file)
    return environment


def test_the_unit_hands_over_what_the_settings_read(tmp_path: Path) -> None:
    text = UNIT.read_text(encoding="utf-8")
    credentials = {each.partition(":")[0] for each in _set(text, "LoadCredential")}
    pairs = dict(each.split("=", 1) for line in _set(text, "Environment") for each in line.split())
    used = {value.removeprefix("%d/") for value in pairs.values() if value.startswith("%d/")}
    assert used == credentials
    assert pairs["ADAPTER_STORE"].startswith(f"%S/{_set(text, 'StateDirectory')[0]}/")
    named = {name: value for name, value in pairs.items() if name.startswith("ADAPTER_")}
    others = {name: value for name, value in ENVIRONMENT.items() if name != "ADAPTER_SECRET_JWT"}
    settings = read(_held(tmp_path, named | others), shipped_mappings())
    assert (settings.signing_keys, settings.store) == ((SECRET,), "%S/scim-adapter/store.db")
    assert len(settings.connections[0].clients) == 2


def test_the_unit_waits_for_what_is_in_flight_and_does_not_repeat_a_refusal() -> None:
    text = UNIT.read_text(encoding="utf-8")
    assert int(_set(text, "TimeoutStopSec")[0]) > 5 + 25
    assert _set(text, "RestartPreventExitStatus") == ["2"]


SYSTEMD = shutil.which("systemd-analyze")


@pytest.mark.skipif(SYSTEMD is None, reason="systemd is not installed: the unit was not judged")
def test_systemd_likes_the_unit(tmp_path: Path) -> None:
    here = tmp_path / UNIT.name
    here.write_text(UNIT.read_text(encoding="utf-8").replace("/opt/scim-adapter/bin/scim-adapter", "/bin/true"))
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", here], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", here],
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout


def _documents() -> dict[str, Any]:
    found = yaml.safe_load_all((ROOT / "deploy" / "kubernetes.yaml").read_text(encoding="utf-8"))
    return {each["kind"]: each for each in found}


def test_the_manifest_hands_over_what_the_settings_read(tmp_path: Path) -> None:
    documents = _documents()
    pod = documents["Deployment"]["spec"]["template"]["spec"]
    data = documents["ConfigMap"]["data"]
    places = [each["mountPath"] for each in pod["containers"][0]["volumeMounts"]]
    for name, value in data.items():
        if name.endswith("_FILE") or name == "ADAPTER_STORE":
            assert str(Path(value).parent) in places
    settings = read(_held(tmp_path, dict(data)), shipped_mappings())
    assert [str(each) for each in settings.network.trusted_proxies] == ["10.42.0.0/16"]
    assert settings.connections[0].secrets == {"jwt": SECRET}


def test_the_manifest_holds_the_limits() -> None:
    pod = _documents()["Deployment"]["spec"]["template"]["spec"]
    [container] = pod["containers"]
    assert not pod["automountServiceAccountToken"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["runAsUser"] == USER
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "@sha256:" in container["image"]
    assert "memory" in container["resources"]["limits"]
    assert {container[each]["httpGet"]["path"] for each in ("livenessProbe", "readinessProbe")} == {
        "/health/live",
        "/health/ready",
    }


def test_the_parts_of_the_manifest_name_each_other() -> None:
    documents = _documents()
    labels = documents["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert documents["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert documents["Service"]["spec"]["selector"] == labels
    assert documents["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == labels
    pod = documents["Deployment"]["spec"]["template"]["spec"]
    mounted = {each["name"] for each in pod["containers"][0]["volumeMounts"]}
    assert mounted == {each["name"] for each in pod["volumes"]}
    [claim] = [each["persistentVolumeClaim"]["claimName"] for each in pod["volumes"] if "persistentVolumeClaim" in each]
    assert claim == documents["PersistentVolumeClaim"]["metadata"]["name"]
    [map_] = [each["configMapRef"]["name"] for each in pod["containers"][0]["envFrom"]]
    assert map_ == documents["ConfigMap"]["metadata"]["name"]
