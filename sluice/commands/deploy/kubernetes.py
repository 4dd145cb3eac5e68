"""`sluice deploy kubernetes`: manifests for Flink's Kubernetes operator."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sluice.commands.options import SettingsFile
from sluice.deployment.kubernetes import SECRET, as_yaml, manifests
from sluice.keys import sources
from sluice.settings import load


def kubernetes(
    *,
    out: Annotated[Path, typer.Option("--out", help="The folder to write into.")] = Path("build/kubernetes"),
    settings_file: SettingsFile = None,
) -> None:
    """Write a FlinkDeployment for each job, and the settings as a ConfigMap; makes keys in files that are missing."""
    values = load(settings_file)
    files = manifests(values)
    out.mkdir(parents=True, exist_ok=True)
    for name, manifest in files.items():
        (out / name).write_text(as_yaml(manifest), encoding="utf-8")
        typer.echo(out / name)
    typer.echo("Next:")
    keys = values.fraud_detection.gate.keys
    if keys.source == "file":
        with sources.told():
            sources.made(values)
        where = f"--namespace {values.kubernetes.namespace}"
        both = f"--from-file=token.key={keys.file} --from-file=vault.public={values.vault.public_key}"
        typer.echo(f"  kubectl create secret generic {SECRET} {both} {where}")
    typer.echo(f"  kubectl apply -f {out}")
