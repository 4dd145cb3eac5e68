"""The job `warehouse_load`: one load of the lake on S3 into the warehouse of the settings."""

from __future__ import annotations

from pathlib import Path

from jobs.warehouse_load import labels, lake_files
from jobs.warehouse_load.labels import LabelsLoaded
from jobs.warehouse_load.load import Loaded, load
from sluice import warehouse
from sluice.settings import Settings


def run(settings: Settings) -> Loaded:
    """List the lake, then load what is new. Raises WarehouseError."""
    with warehouse.opened(settings.warehouse.database, create=True) as connection:
        lake_files.let_read(connection, settings.aws)
        files = lake_files.on_s3(settings.aws, settings.lake)
        return load(connection, files, replaced=lake_files.replaced_on_s3(settings.aws, settings.lake))


def run_labels(settings: Settings, file: Path) -> LabelsLoaded:
    """Load a file of labels. Raises LabelsError or WarehouseError."""
    with warehouse.opened(settings.warehouse.database, create=True) as connection:
        return labels.load(connection, file)
